/** What differs between two documents, by the dotted paths of their values. Lists are one value. */

export type Leaf = string | number | boolean | null | readonly unknown[];
export type Leaves = ReadonlyMap<string, Leaf>;

export interface Clash {
  path: string;
  /** What it was when one began, what somebody else made of it, and what one wants oneself. */
  before: Leaf | undefined;
  theirs: Leaf | undefined;
  mine: Leaf | undefined;
}

type Tree = Readonly<Record<string, unknown>>;

export function leavesOf(document: object, prefix = ""): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  for (const [name, value] of Object.entries(document as Tree)) {
    const path = prefix + name;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [inner, leaf] of leavesOf(value, `${path}.`)) leaves.set(inner, leaf);
    } else {
      leaves.set(path, value as Leaf);
    }
  }
  return leaves;
}

export function changedPaths(before: object, after: object): string[] {
  const [left, right] = [leavesOf(before), leavesOf(after)];
  return [...new Set([...left.keys(), ...right.keys()])].filter(
    (path) => !equal(left.get(path), right.get(path)),
  );
}

/** `base` with the values that `mine` has at `paths`. */
export function withChanges<T extends object>(base: T, mine: T, paths: readonly string[]): T {
  const wanted = leavesOf(mine);
  return paths.reduce((document, path) => setAt(document, path, wanted.get(path)), base);
}

export function valueAt(document: object, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, part) => (value as Tree | undefined)?.[part], document);
}

export function setAt<T extends object>(document: T, path: string, value: unknown): T {
  const [first = "", ...rest] = path.split(".");
  const inner = (document as Tree)[first];
  const next = rest.length === 0 ? value : setAt((inner ?? {}) as object, rest.join("."), value);
  return { ...document, [first]: next };
}

/** Every value that either side changed since `before`. */
export function clashes(before: object, theirs: object, mine: object): Clash[] {
  const [was, other, own] = [leavesOf(before), leavesOf(theirs), leavesOf(mine)];
  const paths = new Set([...changedPaths(before, theirs), ...changedPaths(before, mine)]);
  return [...paths].map((path) => ({
    path,
    before: was.get(path),
    theirs: other.get(path),
    mine: own.get(path),
  }));
}

export function shownLeaf(value: unknown): string {
  if (value === undefined || value === "" || value === null) return "(empty)";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function equal(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

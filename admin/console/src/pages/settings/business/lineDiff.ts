/** The lines of two texts, with what was removed and added: the shortest such list (Myers's problem, solved
 * by the table of longest common subsequences, which is small enough for settings). */

export interface DiffLine {
  kind: "same" | "removed" | "added";
  text: string;
}

export function lineDiff(before: string, after: string): DiffLine[] {
  const [left, right] = [linesOf(before), linesOf(after)];
  const common = commonLengths(left, right);
  const lines: DiffLine[] = [];
  let [at, to] = [0, 0];
  while (at < left.length || to < right.length) {
    const [old, fresh] = [left[at], right[to]];
    if (old !== undefined && old === fresh) {
      lines.push({ kind: "same", text: old });
      at += 1;
      to += 1;
    } else if (old !== undefined && lengthAt(common, at + 1, to) >= lengthAt(common, at, to + 1)) {
      lines.push({ kind: "removed", text: old });
      at += 1;
    } else if (fresh !== undefined) {
      lines.push({ kind: "added", text: fresh });
      to += 1;
    } else {
      lines.push({ kind: "removed", text: old ?? "" });
      at += 1;
    }
  }
  return lines;
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.split("\n");
}

/** At `[i][j]` the length of the longest common subsequence of the lines from i and from j on. */
function commonLengths(left: readonly string[], right: readonly string[]): number[][] {
  const table = Array.from({ length: left.length + 1 }, () =>
    new Array<number>(right.length + 1).fill(0),
  );
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const row = table[i];
      if (row === undefined) continue;
      row[j] =
        left[i] === right[j]
          ? lengthAt(table, i + 1, j + 1) + 1
          : Math.max(lengthAt(table, i + 1, j), lengthAt(table, i, j + 1));
    }
  }
  return table;
}

function lengthAt(table: readonly number[][], i: number, j: number): number {
  // Beyond the end nothing is common: less than any.
  return table[i]?.[j] ?? -1;
}

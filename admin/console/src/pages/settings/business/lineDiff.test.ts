import { describe, expect, it } from "vitest";
import { lineDiff, type DiffLine } from "./lineDiff";

const signed = (lines: readonly DiffLine[]) =>
  lines.map((line) => ({ same: " ", removed: "-", added: "+" })[line.kind] + line.text);

const sideOf = (lines: readonly DiffLine[], without: DiffLine["kind"]) =>
  lines
    .filter((line) => line.kind !== without)
    .map((line) => line.text)
    .join("\n");

describe("lineDiff", () => {
  it("says nothing of what is the same", () => {
    expect(signed(lineDiff("a\nb", "a\nb"))).toEqual([" a", " b"]);
    expect(lineDiff("", "")).toEqual([]);
  });

  it("shows a changed line as removed and added", () => {
    expect(signed(lineDiff("a\nb\nc", "a\nB\nc"))).toEqual([" a", "-b", "+B", " c"]);
  });

  it("shows lines at the beginning and at the end", () => {
    expect(signed(lineDiff("b", "a\nb\nc"))).toEqual(["+a", " b", "+c"]);
    expect(signed(lineDiff("a\nb\nc", "b"))).toEqual(["-a", " b", "-c"]);
    expect(signed(lineDiff("", "a\nb"))).toEqual(["+a", "+b"]);
    expect(signed(lineDiff("a\nb", ""))).toEqual(["-a", "-b"]);
  });

  it("keeps as many lines as it can, and loses none", () => {
    const letters = ["a", "b", "c"];
    let seed = 7;
    const text = () =>
      Array.from({ length: 9 }, () => {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        return letters[seed % 3] ?? "a";
      }).join("\n");
    for (let round = 0; round < 200; round += 1) {
      const [before, after] = [text(), text()];
      const lines = lineDiff(before, after);
      expect(sideOf(lines, "added")).toBe(before);
      expect(sideOf(lines, "removed")).toBe(after);
      const kept = lines.filter((line) => line.kind === "same").length;
      expect(kept).toBe(longest(before.split("\n"), after.split("\n")));
    }
  });
});

/** By trying everything, without the table. */
function longest(left: readonly string[], right: readonly string[]): number {
  const [first, ...others] = left;
  if (first === undefined || right.length === 0) return 0;
  const found = right.indexOf(first);
  const without = longest(others, right);
  return found < 0 ? without : Math.max(without, 1 + longest(others, right.slice(found + 1)));
}

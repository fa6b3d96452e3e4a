import { describe, expect, it } from "vitest";
import { changedPaths, clashes, setAt, valueAt, withChanges } from "./changes";

const BEFORE = {
  greeting: "Hello.",
  voice: "eric",
  limits: { maximum_seconds: 1800, silence_prompts: 2 },
  providers: { model: [{ vendor: "openai" }] },
};

describe("changes", () => {
  it("names what differs by its path, a list as one value", () => {
    const after = setAt(setAt(BEFORE, "limits.silence_prompts", 3), "providers.model", []);
    expect(changedPaths(BEFORE, after)).toEqual(["limits.silence_prompts", "providers.model"]);
    expect(changedPaths(BEFORE, structuredClone(BEFORE))).toEqual([]);
    expect(valueAt(after, "limits.silence_prompts")).toBe(3);
    expect(valueAt(after, "limits.nothing.at.all")).toBeUndefined();
  });

  it("changes nothing of the document that it was given", () => {
    setAt(BEFORE, "limits.maximum_seconds", 60);
    expect(BEFORE.limits.maximum_seconds).toBe(1800);
  });

  it("brings one's own changes onto what somebody else saved", () => {
    const theirs = setAt(setAt(BEFORE, "voice", "sarah"), "limits.maximum_seconds", 900);
    const mine = setAt(setAt(BEFORE, "greeting", "Good day."), "limits.silence_prompts", 1);
    const both = withChanges(theirs, mine, changedPaths(BEFORE, mine));
    expect(both).toEqual({
      ...BEFORE,
      greeting: "Good day.",
      voice: "sarah",
      limits: { maximum_seconds: 900, silence_prompts: 1 },
    });
  });

  it("shows what each side made of a value", () => {
    const theirs = setAt(BEFORE, "greeting", "Theirs.");
    const mine = setAt(setAt(BEFORE, "greeting", "Mine."), "voice", "sarah");
    expect(clashes(BEFORE, theirs, mine)).toEqual([
      { path: "greeting", before: "Hello.", theirs: "Theirs.", mine: "Mine." },
      { path: "voice", before: "eric", theirs: "eric", mine: "sarah" },
    ]);
  });
});

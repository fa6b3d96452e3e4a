import { describe, expect, it } from "vitest";
import { say, settle, type Segment } from "./words";

function segment(text: string, changes: Partial<Segment> = {}): Segment {
  return { key: "caller/1", who: "caller", text, final: false, since: 0, ...changes };
}

describe("words", () => {
  it("of a person are replaced by each revision, until the final one", () => {
    let words = say([], segment("I need a"), 0);
    words = say(words, segment("I need a clean"), 1);
    words = say(words, segment("I need a cleaning.", { final: true }), 2);
    words = say(words, segment("I need a clean"), 3);
    expect(words).toEqual([segment("I need a cleaning.", { final: true })]);
  });

  it("of two speakers stand beside each other", () => {
    const words = say(
      say([], segment("Hello"), 0),
      segment("Good day", { key: "agent/1", who: "assistant" }),
      5,
    );
    expect(words.map((one) => [one.who, one.since])).toEqual([
      ["caller", 0],
      ["assistant", 5],
    ]);
  });

  it("begin with something to read", () => {
    expect(say([], segment(""), 0)).toEqual([]);
  });

  it("leave when the transcript has them, however it is punctuated", () => {
    const words = [segment("i need a cleaning", { final: true })];
    expect(settle(words, [{ who: "caller", text: "I need a cleaning. On Monday." }], 1)).toEqual(
      [],
    );
    expect(settle(words, [{ who: "assistant", text: "I need a cleaning." }], 1)).toEqual(words);
  });

  it("leave when the answer was cut before their end", () => {
    const words = [segment("Thank you for calling.", { final: true, who: "assistant" })];
    expect(settle(words, [{ who: "assistant", text: "Thank you" }], 1)).toEqual([]);
  });

  it("stay while they are being spoken", () => {
    const words = [segment("yes")];
    expect(settle(words, [{ who: "caller", text: "Yes." }], 1)).toEqual(words);
  });

  it("that never came into the transcript do not stay for ever", () => {
    expect(settle([segment("hm", { final: true })], [], 60_000)).toEqual([]);
  });
});

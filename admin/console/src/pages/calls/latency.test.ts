import { describe, expect, it } from "vitest";
import { barsOf, scaleOf } from "./latency";

const NOTHING = {
  end_of_turn: null,
  transcription: null,
  model: null,
  speech: null,
  total: null,
};

describe("the bars of an answer", () => {
  it("run from the caller's last word to the first sound", () => {
    const seconds = { end_of_turn: 0.5, transcription: 0.2, model: 0.3, speech: 0.2, total: 1 };
    expect(barsOf(seconds)).toEqual([
      { stage: "end_of_turn", from: 0, seconds: 0.5 },
      { stage: "transcription", from: 0, seconds: 0.2 },
      { stage: "model", from: 0.5, seconds: 0.3 },
      { stage: "speech", from: 0.8, seconds: 0.2 },
    ]);
  });

  it("show a model that began before the turn was over", () => {
    const seconds = { end_of_turn: 0.6, transcription: 0.2, model: 0.5, speech: 0.2, total: 0.8 };
    expect(barsOf(seconds)[2]?.from).toBeCloseTo(0.1);
  });

  it("follow one another where the total is not known, and never begin before the last word", () => {
    expect(barsOf({ ...NOTHING, end_of_turn: 0.5, model: 0.3, speech: 0.2 })).toEqual([
      { stage: "end_of_turn", from: 0, seconds: 0.5 },
      { stage: "model", from: 0.5, seconds: 0.3 },
      { stage: "speech", from: 0.8, seconds: 0.2 },
    ]);
    expect(barsOf({ ...NOTHING, model: 3, total: 1 })[0]?.from).toBe(0);
    expect(barsOf(NOTHING)).toEqual([]);
  });

  it("share a scale that no bar passes", () => {
    const answer = (total: number) => ({ at: "", seconds: { ...NOTHING, total } });
    expect(scaleOf([answer(0.4), answer(1.2)])).toBe(1.5);
    expect(scaleOf([{ at: "", seconds: { ...NOTHING, model: 3, total: 1 } }])).toBe(3);
    expect(scaleOf([answer(75.5)])).toBe(76);
    expect(scaleOf([])).toBe(0.5);
  });
});

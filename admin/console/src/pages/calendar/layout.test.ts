import { describe, expect, it } from "vitest";
import {
  frameOf,
  gapsIn,
  hourLines,
  hoursFor,
  isChanged,
  lengthOf,
  onDay,
  sideBySide,
  snapped,
  within,
} from "./layout";

const ZONE = "America/New_York";
const at = (text: string) => Date.parse(`2026-11-24T${text}:00-05:00`);
const span = (begins: string, ends: string) => ({ begins: at(begins), ends: at(ends) });
const ALL = { from: 0, until: 24 };

describe("a column", () => {
  it("shows the hours of its day", () => {
    const frame = frameOf("2026-11-24", { from: 8, until: 18 }, ZONE);
    expect(frame).toEqual({ day: "2026-11-24", ...span("08:00", "18:00") });
    expect(lengthOf(frame)).toBe(600);
    expect(isChanged(frame, { from: 8, until: 18 })).toBe(false);
  });

  it("is as long as its day is where the clock is changed", () => {
    const spring = frameOf("2027-03-14", ALL, ZONE);
    const autumn = frameOf("2026-11-01", ALL, ZONE);
    expect([lengthOf(spring), lengthOf(autumn)]).toEqual([23 * 60, 25 * 60]);
    expect([isChanged(spring, ALL), isChanged(autumn, ALL)]).toEqual([true, true]);
    const first = (frame: typeof spring) =>
      hourLines(frame, ZONE)
        .slice(0, 4)
        .map((line) => line.minutes / 60);
    expect(first(spring)).toEqual([0, 1, 3, 4]);
    expect(first(autumn)).toEqual([0, 1, 1, 2]);
    // The change is before the hours of work: these are as always.
    const work = { from: 8, until: 18 };
    expect(isChanged(frameOf("2026-11-01", work, ZONE), work)).toBe(false);
  });

  it("snaps to quarters of an hour that begin in it", () => {
    const frame = frameOf("2026-11-24", { from: 8, until: 18 }, ZONE);
    expect(snapped(67, frame)).toBe(at("09:00"));
    expect(snapped(68, frame)).toBe(at("09:15"));
    expect(snapped(-30, frame)).toBe(at("08:00"));
    expect(snapped(9999, frame)).toBe(at("17:45"));
  });

  it("takes the time of day along to another day", () => {
    expect(onDay(Date.parse("2026-10-31T09:00:00-04:00"), "2026-11-02", ZONE)).toBe(
      Date.parse("2026-11-02T09:00:00-05:00"),
    );
  });
});

describe("the hours shown", () => {
  const day = ["2026-11-24"];

  it("hold whatever is on the days", () => {
    expect(hoursFor([], day, ZONE)).toEqual({ from: 8, until: 18 });
    expect(hoursFor([span("07:30", "08:00"), span("17:00", "19:10")], day, ZONE)).toEqual({
      from: 7,
      until: 20,
    });
  });

  it("reach to midnight for what runs over it", () => {
    const late = { begins: at("23:00"), ends: at("23:00") + 2 * 3_600_000 };
    expect(hoursFor([late], day, ZONE)).toEqual({ from: 8, until: 24 });
    expect(hoursFor([late], ["2026-11-25"], ZONE)).toEqual({ from: 0, until: 18 });
    expect(hoursFor([late], ["2026-11-26"], ZONE)).toEqual({ from: 8, until: 18 });
    expect(hoursFor([span("20:00", "20:30"), late], day, ZONE).until).toBe(24);
  });

  it("end at midnight for what ends there", () => {
    const whole = { begins: at("00:00"), ends: at("00:00") + 24 * 3_600_000 };
    expect(hoursFor([whole], day, ZONE)).toEqual({ from: 0, until: 24 });
  });
});

describe("spans", () => {
  const frame = span("08:00", "18:00");

  it("are cut to the frame", () => {
    expect(within(span("07:00", "09:00"), frame)).toEqual(span("08:00", "09:00"));
    expect(within(span("18:00", "19:00"), frame)).toBeNull();
  });

  it("leave gaps", () => {
    const work = [span("13:00", "17:00"), span("09:00", "12:00"), span("11:00", "12:00")];
    expect(gapsIn(frame, work)).toEqual([
      span("08:00", "09:00"),
      span("12:00", "13:00"),
      span("17:00", "18:00"),
    ]);
    expect(gapsIn(frame, [])).toEqual([frame]);
    expect(gapsIn(frame, [span("00:00", "23:00")])).toEqual([]);
  });
});

describe("appointments that overlap", () => {
  const shown = (placed: ReturnType<typeof sideBySide<{ begins: number; ends: number }>>) =>
    placed.map(({ left, width }) => [left, width]);

  it("stand side by side, and alone where they are alone", () => {
    const placed = sideBySide([
      span("09:00", "10:00"),
      span("09:30", "10:30"),
      span("11:00", "12:00"),
    ]);
    expect(shown(placed)).toEqual([
      [0, 0.5],
      [0.5, 0.5],
      [0, 1],
    ]);
  });

  it("use a lane that has become free", () => {
    const placed = sideBySide([
      span("09:00", "12:00"),
      span("09:00", "10:00"),
      span("10:00", "11:00"),
    ]);
    expect(shown(placed)).toEqual([
      [0, 0.5],
      [0.5, 0.5],
      [0.5, 0.5],
    ]);
  });

  it("do not overlap when one follows the other, unless they are drawn taller than they are", () => {
    const short = [span("09:00", "09:05"), span("09:05", "09:10")];
    expect(shown(sideBySide(short))).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(shown(sideBySide(short, 20))).toEqual([
      [0, 0.5],
      [0.5, 0.5],
    ]);
  });
});

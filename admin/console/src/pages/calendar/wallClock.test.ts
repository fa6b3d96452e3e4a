import { describe, expect, it } from "vitest";
import {
  addDays,
  clockText,
  instantOf,
  isDay,
  minutesOf,
  sameClock,
  today,
  wallTimeOf,
  weekOf,
  zoneInWords,
} from "./wallClock";

const NEW_YORK = "America/New_York";
const at = (text: string) => Date.parse(text);

describe("the wall clock", () => {
  it("shows an instant in its zone", () => {
    expect(wallTimeOf(at("2026-11-24T04:30:00Z"), NEW_YORK)).toEqual({
      day: "2026-11-23",
      minutes: 23 * 60 + 30,
    });
    expect(wallTimeOf(at("2026-11-24T05:00:00Z"), NEW_YORK)).toEqual({
      day: "2026-11-24",
      minutes: 0,
    });
  });

  it("is turned into the instant that it shows", () => {
    expect(instantOf("2026-11-24", 9 * 60, NEW_YORK)).toBe(at("2026-11-24T14:00:00Z"));
    expect(instantOf("2026-07-01", 9 * 60, NEW_YORK)).toBe(at("2026-07-01T13:00:00Z"));
    expect(instantOf("2026-11-24", 24 * 60, NEW_YORK)).toBe(at("2026-11-25T05:00:00Z"));
    expect(instantOf("2026-11-24", 90, "Asia/Kolkata")).toBe(at("2026-11-23T20:00:00Z"));
    expect(instantOf("2026-11-24", 0, "Pacific/Auckland")).toBe(at("2026-11-23T11:00:00Z"));
  });

  it("takes the first instant after a jump for a time that is jumped over", () => {
    expect(instantOf("2027-03-14", 2 * 60 + 30, NEW_YORK)).toBe(at("2027-03-14T07:00:00Z"));
    expect(instantOf("2027-03-14", 3 * 60, NEW_YORK)).toBe(at("2027-03-14T07:00:00Z"));
    expect(instantOf("2027-03-14", 60 + 59, NEW_YORK)).toBe(at("2027-03-14T06:59:00Z"));
  });

  it("takes the first of a time that comes twice", () => {
    expect(instantOf("2026-11-01", 60 + 30, NEW_YORK)).toBe(at("2026-11-01T05:30:00Z"));
    expect(instantOf("2026-11-01", 2 * 60, NEW_YORK)).toBe(at("2026-11-01T07:00:00Z"));
  });

  it("gives the days on which it is changed 23 and 25 hours", () => {
    const hours = (day: string) =>
      (instantOf(day, 24 * 60, NEW_YORK) - instantOf(day, 0, NEW_YORK)) / 3_600_000;
    expect([hours("2027-03-14"), hours("2026-11-01"), hours("2026-11-02")]).toEqual([23, 25, 24]);
  });

  it("compares zones by what they show", () => {
    const winter = at("2026-12-01T12:00:00Z");
    expect(sameClock(NEW_YORK, "America/Toronto", winter)).toBe(true);
    expect(sameClock(NEW_YORK, "America/Chicago", winter)).toBe(false);
  });
});

describe("days", () => {
  it("are counted over months and years", () => {
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(addDays("2028-03-01", -1)).toBe("2028-02-29");
  });

  it("form weeks that begin on Monday", () => {
    expect(weekOf("2026-11-29").slice(0, 1)).toEqual(["2026-11-23"]);
    expect(weekOf("2026-11-23").at(-1)).toBe("2026-11-29");
  });

  it("are those of the zone", () => {
    expect(today("Pacific/Auckland", at("2026-11-23T12:00:00Z"))).toBe("2026-11-24");
  });

  it("are told from other texts", () => {
    expect(["2026-02-30", "2026-2-3", "soon", null].map(isDay)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(isDay("2028-02-29")).toBe(true);
  });
});

describe("times of day", () => {
  it("are read and written as a field of type time has them", () => {
    expect(clockText(9 * 60 + 5)).toBe("09:05");
    expect(minutesOf("09:05")).toBe(545);
    expect(["24:00", "9:00", ""].map(minutesOf)).toEqual([null, null, null]);
  });

  it("name their zone as people say it", () => {
    expect(zoneInWords("America/New_York")).toBe("New York");
    expect(zoneInWords("UTC")).toBe("UTC");
  });
});

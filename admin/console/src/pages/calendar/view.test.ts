import { describe, expect, it } from "vitest";
import { addressOf, daysOf, turned, viewIn, type CalendarView } from "./view";

const ID = "01a20959-a680-7000-8000-0000000000aa";
const WEEK: CalendarView = {
  view: "week",
  day: "2026-11-25",
  columns: "places",
  personId: ID,
  placeId: ID,
  wholeDay: true,
};
const read = (text: string, narrow = false) =>
  viewIn(new URLSearchParams(text), "2026-11-24", narrow);

describe("what the calendar shows", () => {
  it("comes back from its address as it was", () => {
    expect(read(addressOf(WEEK).toString())).toEqual(WEEK);
  });

  it("is today by people, unless it is said otherwise", () => {
    const today = { view: "day", day: "2026-11-24", columns: "people" };
    expect(read("")).toMatchObject({ ...today, personId: "", placeId: "", wholeDay: false });
    expect(read("day=2026-13-01&person=me&view=year")).toMatchObject({ ...today, personId: "" });
  });

  it("is one day on a narrow screen", () => {
    expect(read("view=week", true).view).toBe("day");
  });

  it("turns by as much as is shown", () => {
    expect(daysOf(WEEK)).toEqual([
      "2026-11-23",
      "2026-11-24",
      "2026-11-25",
      "2026-11-26",
      "2026-11-27",
      "2026-11-28",
      "2026-11-29",
    ]);
    expect(turned(WEEK, 1).day).toBe("2026-12-02");
    expect(turned({ ...WEEK, view: "day" }, -1).day).toBe("2026-11-24");
  });
});

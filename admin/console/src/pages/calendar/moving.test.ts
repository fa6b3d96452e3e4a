import { describe, expect, it } from "vitest";
import { framesOf, type Appointment, type Column } from "./columns";
import { moveTo, stepped, type Step } from "./moving";

const ZONE = "America/New_York";
const at = (text: string, day = "2026-11-24") => Date.parse(`${day}T${text}:00-05:00`);
const column = (key: string, more: Partial<Column> = {}): Column => ({
  key,
  day: "2026-11-24",
  personId: key,
  placeId: null,
  open: [],
  closed: [],
  items: [],
  ...more,
});
const PEOPLE = [column("chen"), column("patel")];
const HOURS = { from: 8, until: 18 };

function walk(columns: Column[], columnKey: string, begins: number, ...steps: Step[]) {
  const frames = framesOf(columns, HOURS, ZONE);
  return steps.reduce((target, step) => stepped(target, step, columns, frames, ZONE), {
    columnKey,
    begins,
  });
}

describe("moving by steps", () => {
  it("goes by quarters of an hour, within the hours shown", () => {
    expect(walk(PEOPLE, "chen", at("10:00"), "later", "later").begins).toBe(at("10:30"));
    expect(walk(PEOPLE, "chen", at("08:00"), "earlier").begins).toBe(at("08:00"));
    expect(walk(PEOPLE, "chen", at("17:45"), "later").begins).toBe(at("17:45"));
  });

  it("comes to the lines from between them", () => {
    expect(walk(PEOPLE, "chen", at("10:05"), "later").begins).toBe(at("10:15"));
    expect(walk(PEOPLE, "chen", at("10:05"), "earlier").begins).toBe(at("10:00"));
  });

  it("goes to the next column and no further than the last", () => {
    const there = { columnKey: "patel", begins: at("10:00") };
    expect(walk(PEOPLE, "chen", at("10:00"), "next", "next")).toEqual(there);
    expect(walk(PEOPLE, "chen", at("10:00"), "previous").columnKey).toBe("chen");
  });

  it("keeps the time of day on another day", () => {
    const week = [
      column("2026-10-31", { day: "2026-10-31" }),
      column("2026-11-01", { day: "2026-11-01" }),
    ];
    const begins = Date.parse("2026-10-31T10:00:00-04:00");
    expect(walk(week, "2026-10-31", begins, "next").begins).toBe(at("10:00", "2026-11-01"));
  });
});

describe("what is asked of the API", () => {
  const appointment = {
    person_id: "chen",
    place_id: null,
    starts_at: "2026-11-24T15:00:00Z",
  } as Appointment;
  const ask = (columnKey: string, begins: number, columns = PEOPLE) =>
    moveTo(appointment, { columnKey, begins }, columns, "house");

  it("is nothing where it was put back", () => {
    expect(ask("chen", at("10:00"))).toBeNull();
    expect(ask("gone", at("11:00"))).toBeNull();
  });

  it("names another person or place only where it is another", () => {
    expect(ask("chen", at("10:15"))).toEqual({ starts_at: "2026-11-24T15:15:00.000Z" });
    expect(ask("patel", at("10:00"))).toEqual({
      starts_at: "2026-11-24T15:00:00.000Z",
      person_id: "patel",
    });
    const places = [
      column("house", { personId: null, placeId: "house" }),
      column("uptown", { personId: null, placeId: "uptown" }),
    ];
    expect(ask("house", at("10:00"), places)).toBeNull();
    expect(ask("uptown", at("10:00"), places)).toMatchObject({ place_id: "uptown" });
  });
});

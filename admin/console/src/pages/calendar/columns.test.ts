import { describe, expect, it } from "vitest";
import { columnsOf, spansIn, type Appointment, type DayPlan } from "./columns";
import type { Directory } from "./directory";
import type { CalendarView } from "./view";

const ZONE = "America/New_York";
const HOUSE = "house";
const DAY = "2026-11-24";
const span = (begins: string, ends: string, day = DAY) => ({
  starts_at: `${day}T${begins}:00-05:00`,
  ends_at: `${day}T${ends}:00-05:00`,
});

const person = (id: string, active = true) => ({ id, active, name: id }) as Directory["people"][0];
const directory: Directory = {
  people: [person("chen"), person("patel"), person("left", false)],
  services: [],
  places: [{ id: "uptown", active: true, name: "Uptown" } as Directory["places"][0]],
};

const appointment = (id: string, personId: string, placeId: string | null, begins = "10:00") =>
  ({
    id,
    person_id: personId,
    place_id: placeId,
    ...span(begins, "10:30"),
  }) as Appointment;

const plan: DayPlan = {
  time_zone: ZONE,
  days: [],
  opening: [span("08:00", "17:00")],
  closed: [
    { ...span("12:00", "13:00"), person_id: null, reason: "Lunch" },
    { ...span("15:00", "17:00"), person_id: "chen", reason: "Away" },
  ],
  people: [
    {
      person_id: "chen",
      working: [{ ...span("09:00", "15:00"), place_id: null }],
      busy: [span("14:00", "15:00")],
    },
    { person_id: "patel", working: [], busy: [span("16:00", "17:00")] },
  ],
};

const VIEW: CalendarView = {
  view: "day",
  day: DAY,
  columns: "people",
  personId: "",
  placeId: "",
  wholeDay: false,
};

function columns(view: Partial<CalendarView>, appointments: Appointment[]) {
  return columnsOf({
    view: { ...VIEW, ...view },
    directory,
    businessId: HOUSE,
    plans: new Map([
      ["", plan],
      [HOUSE, plan],
    ]),
    appointments,
    zone: ZONE,
  });
}

describe("the columns of a day", () => {
  it("are people, with their own work, closures, busy times and appointments", () => {
    const found = columns({}, [appointment("a", "chen", null), appointment("b", "patel", null)]);
    expect(found.map((one) => one.key)).toEqual(["chen", "patel"]);
    expect(found[0]?.closed.map((one) => one.reason)).toEqual(["Lunch", "Away"]);
    expect(found[1]?.closed.map((one) => one.reason)).toEqual(["Lunch"]);
    expect(found[0]?.items.map((one) => one.kind)).toEqual(["appointment", "busy"]);
    expect(found[0]?.open).toHaveLength(1);
    expect(found[1]?.open).toHaveLength(0);
    expect(found[0]).toMatchObject({ personId: "chen", placeId: null });
  });

  it("show who has left only where they still have an appointment", () => {
    const found = columns({}, [appointment("a", "left", null)]);
    expect(found.map((one) => one.key)).toEqual(["chen", "patel", "left"]);
    const elsewhere = {
      ...appointment("a", "left", null),
      ...span("10:00", "10:30", "2026-11-25"),
    };
    expect(columns({}, [elsewhere]).map((one) => one.key)).toEqual(["chen", "patel"]);
  });

  it("can be one person", () => {
    expect(columns({ personId: "patel" }, []).map((one) => one.key)).toEqual(["patel"]);
  });

  it("can be places, the main address under the business's id", () => {
    const found = columns({ columns: "places" }, [
      appointment("a", "chen", null),
      appointment("b", "chen", "uptown"),
    ]);
    expect(found.map((one) => [one.key, one.items.length])).toEqual([
      [HOUSE, 1],
      ["uptown", 1],
    ]);
    expect(found[0]).toMatchObject({ personId: null, placeId: HOUSE });
  });
});

describe("the columns of a week", () => {
  it("are days, with everybody's appointments in the opening hours", () => {
    const found = columns({ view: "week" }, [
      appointment("a", "chen", null),
      appointment("b", "patel", null),
    ]);
    expect(found).toHaveLength(7);
    expect(found[1]?.key).toBe(DAY);
    expect(found[1]?.items.map((one) => one.kind)).toEqual([
      "appointment",
      "appointment",
      "busy",
      "busy",
    ]);
    expect(found[0]?.items).toEqual([]);
    expect(spansIn(found)).toHaveLength(5);
  });

  it("can be one person's", () => {
    const found = columns({ view: "week", personId: "chen" }, [
      appointment("a", "chen", null),
      appointment("b", "patel", null),
    ]);
    expect(found[1]?.items).toHaveLength(2);
    expect(found[1]?.open).toHaveLength(1);
    expect(found[1]).toMatchObject({ personId: "chen" });
  });
});

/** What the calendar shows: kept in the address. */
import { addDays, isDay, weekOf } from "./wallClock";

export type View = "day" | "week";
export type Columns = "people" | "places";

export interface CalendarView {
  view: View;
  day: string;
  /** In the view of a day. */
  columns: Columns;
  /** Empty: everybody. */
  personId: string;
  /** Empty: everywhere; the business's own id: the main address. */
  placeId: string;
  /** All 24 hours instead of those in which something is. */
  wholeDay: boolean;
}

const ID = /^[0-9a-f-]{36}$/;

export function viewIn(address: URLSearchParams, today: string, narrow: boolean): CalendarView {
  const day = address.get("day");
  const id = (name: string) => {
    const found = address.get(name) ?? "";
    return ID.test(found) ? found : "";
  };
  const wanted = address.get("view");
  return {
    // A narrow screen has room for one day of one person.
    view: !narrow && wanted === "week" ? "week" : "day",
    day: isDay(day) ? day : today,
    columns: address.get("columns") === "places" ? "places" : "people",
    personId: id("person"),
    placeId: id("place"),
    wholeDay: address.get("hours") === "all",
  };
}

export function addressOf(view: CalendarView): URLSearchParams {
  const address = new URLSearchParams({ view: view.view, day: view.day });
  if (view.columns === "places") address.set("columns", "places");
  if (view.personId) address.set("person", view.personId);
  if (view.placeId) address.set("place", view.placeId);
  if (view.wholeDay) address.set("hours", "all");
  return address;
}

export function daysOf({ view, day }: CalendarView): string[] {
  return view === "week" ? weekOf(day) : [day];
}

/** As many days further as are shown. */
export function turned(view: CalendarView, pages: 1 | -1): CalendarView {
  return { ...view, day: addDays(view.day, pages * (view.view === "week" ? 7 : 1)) };
}

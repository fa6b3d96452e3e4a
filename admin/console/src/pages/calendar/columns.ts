/** What stands in each column of the calendar. */
import type { Schemas } from "../../api/client";
import type { Directory } from "./directory";
import { frameOf, within, type Frame, type Hours, type Span } from "./layout";
import { daysOf, type CalendarView } from "./view";

export type Appointment = Schemas["Appointment"];
export type DayPlan = Schemas["DayPlan"];

export interface AppointmentItem extends Span {
  kind: "appointment";
  appointment: Appointment;
}

/** What an outside calendar says, and nobody here knows more of. */
export interface BusyItem extends Span {
  kind: "busy";
  personId: string;
}

export type Item = AppointmentItem | BusyItem;

export interface ClosedItem extends Span {
  reason: string;
}

export interface Column {
  key: string;
  day: string;
  /** What is dropped here goes to this person; null: stays with whom it is. */
  personId: string | null;
  /** … to this place (the business's own id: the main address); null: to where the person works. */
  placeId: string | null;
  open: Span[];
  closed: ClosedItem[];
  items: Item[];
}

interface Found {
  view: CalendarView;
  directory: Directory;
  businessId: string;
  /** By place; under the empty id that of all places, or of the one that is shown. */
  plans: ReadonlyMap<string, DayPlan>;
  appointments: readonly Appointment[];
  zone: string;
}

const WHOLE_DAY: Hours = { from: 0, until: 24 };

export function columnsOf(found: Found): Column[] {
  if (found.view.view === "week") return daysOf(found.view).map((day) => ofDay(found, day));
  if (found.view.columns === "places") {
    return placesShown(found).map((placeId) => ofPlace(found, placeId));
  }
  return peopleShown(found).map((personId) => ofPerson(found, personId));
}

/** Active people, and those who have an appointment all the same. */
export function peopleShown({ view, directory, appointments, zone }: Found): string[] {
  if (view.personId) return [view.personId];
  const frames = daysOf(view).map((day) => frameOf(day, WHOLE_DAY, zone));
  const busy = new Set(
    appointments
      .filter((one) => frames.some((frame) => within(spanOf(one), frame)))
      .map((one) => one.person_id),
  );
  return directory.people.filter((one) => one.active || busy.has(one.id)).map((one) => one.id);
}

function placesShown({ view, directory, appointments, businessId }: Found): string[] {
  if (view.placeId) return [view.placeId];
  const used = new Set(appointments.map((one) => one.place_id));
  const places = directory.places.filter((one) => one.active || used.has(one.id));
  return [businessId, ...places.map((one) => one.id)];
}

export function spanOf(given: { starts_at: string; ends_at: string }): Span {
  return { begins: Date.parse(given.starts_at), ends: Date.parse(given.ends_at) };
}

function ofDay(found: Found, day: string): Column {
  const { view, appointments } = found;
  const plan = found.plans.get("");
  const theirs = plan?.people.find((one) => one.person_id === view.personId);
  const people = view.personId ? (theirs ? [theirs] : []) : (plan?.people ?? []);
  return column(found, day, {
    key: day,
    personId: view.personId || null,
    placeId: view.placeId || null,
    open: view.personId ? (theirs?.working ?? []) : (plan?.opening ?? []),
    closed: closedFor(plan, view.personId),
    busy: people,
    appointments: view.personId
      ? appointments.filter((one) => one.person_id === view.personId)
      : appointments,
  });
}

function ofPerson(found: Found, personId: string): Column {
  const plan = found.plans.get("");
  const theirs = plan?.people.find((one) => one.person_id === personId);
  return column(found, found.view.day, {
    key: personId,
    personId,
    placeId: found.view.placeId || null,
    open: theirs?.working ?? [],
    closed: closedFor(plan, personId),
    busy: theirs ? [theirs] : [],
    appointments: found.appointments.filter((one) => one.person_id === personId),
  });
}

function ofPlace(found: Found, placeId: string): Column {
  const plan = found.plans.get(placeId);
  const { view, businessId } = found;
  return column(found, view.day, {
    key: placeId,
    personId: view.personId || null,
    placeId,
    open: plan?.opening ?? [],
    closed: closedFor(plan, view.personId),
    busy: (plan?.people ?? []).filter((one) => one.person_id === view.personId),
    appointments: found.appointments.filter(
      (one) =>
        (one.place_id ?? businessId) === placeId &&
        (!view.personId || one.person_id === view.personId),
    ),
  });
}

interface Given {
  key: string;
  personId: string | null;
  placeId: string | null;
  open: readonly { starts_at: string; ends_at: string }[];
  closed: readonly Schemas["ClosedSpan"][];
  busy: readonly Schemas["PersonPlan"][];
  appointments: readonly Appointment[];
}

function column({ zone }: Found, day: string, given: Given): Column {
  const whole = frameOf(day, WHOLE_DAY, zone);
  const inside = <T extends Span>(spans: T[]) => spans.filter((span) => within(span, whole));
  return {
    key: given.key,
    day,
    personId: given.personId,
    placeId: given.placeId,
    open: inside(given.open.map(spanOf)),
    closed: inside(given.closed.map((one) => ({ ...spanOf(one), reason: one.reason }))),
    items: [
      ...inside(
        given.appointments.map((appointment) => ({
          kind: "appointment" as const,
          appointment,
          ...spanOf(appointment),
        })),
      ),
      ...inside(
        given.busy.flatMap((person) =>
          person.busy.map((one) => ({
            kind: "busy" as const,
            personId: person.person_id,
            ...spanOf(one),
          })),
        ),
      ),
    ],
  };
}

function closedFor(plan: DayPlan | undefined, personId: string): Schemas["ClosedSpan"][] {
  return (plan?.closed ?? []).filter((one) => one.person_id === null || one.person_id === personId);
}

/** All that has to be seen in the columns. */
export function spansIn(columns: readonly Column[]): Span[] {
  return columns.flatMap((one) => [...one.open, ...one.items]);
}

export function framesOf(
  columns: readonly Column[],
  hours: Hours,
  zone: string,
): ReadonlyMap<string, Frame> {
  return new Map(columns.map((one) => [one.key, frameOf(one.day, hours, zone)]));
}

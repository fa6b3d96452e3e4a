/** An appointment on its way to another time: where it would be put. */
import type { Appointment, Column } from "./columns";
import { MINUTE, onDay, snapped, STEP, type Frame } from "./layout";
import type { MoveTo } from "./changes";

export interface Target {
  columnKey: string;
  begins: number;
}

/** Of a key, or of the button that does the same. */
export type Step = "earlier" | "later" | "previous" | "next";

export const STEP_KEYS: Readonly<Record<string, Step>> = {
  ArrowUp: "earlier",
  ArrowDown: "later",
  ArrowLeft: "previous",
  ArrowRight: "next",
};

export function stepped(
  target: Target,
  step: Step,
  columns: readonly Column[],
  frames: ReadonlyMap<string, Frame>,
  zone: string,
): Target {
  const place = columns.findIndex((one) => one.key === target.columnKey);
  const frame = frames.get(target.columnKey);
  if (frame === undefined) return target;
  if (step === "earlier" || step === "later") {
    const minutes = (target.begins - frame.begins) / MINUTE;
    // One that stands between two lines goes to the next of them.
    const lines = minutes / STEP;
    const line = step === "earlier" ? Math.ceil(lines) - 1 : Math.floor(lines) + 1;
    return { ...target, begins: snapped(line * STEP, frame) };
  }
  const next = columns[place + (step === "previous" ? -1 : 1)];
  if (next === undefined) return target;
  return { columnKey: next.key, begins: onDay(target.begins, next.day, zone) };
}

/** What to ask the API for; null if that is where it is. */
export function moveTo(
  appointment: Appointment,
  target: Target,
  columns: readonly Column[],
  businessId: string,
): MoveTo | null {
  const column = columns.find((one) => one.key === target.columnKey);
  if (column === undefined) return null;
  const otherPerson = column.personId !== null && column.personId !== appointment.person_id;
  const place = appointment.place_id ?? businessId;
  const otherPlace = column.placeId !== null && column.placeId !== place;
  if (!otherPerson && !otherPlace && target.begins === Date.parse(appointment.starts_at)) {
    return null;
  }
  return {
    starts_at: new Date(target.begins).toISOString(),
    ...(otherPerson && column.personId !== null && { person_id: column.personId }),
    ...(otherPlace && column.placeId !== null && { place_id: column.placeId }),
  };
}

/** Appointments in words. */
import { clock } from "../../components/time";
import type { Appointment } from "./columns";
import type { Directory } from "./directory";
import { dayInWords, wallTimeOf } from "./wallClock";

export interface Words {
  zone: string;
  service: (id: string) => string;
  person: (id: string) => string;
  /** Null and the business's own id are the main address. */
  place: (id: string | null) => string;
}

export function wordsOf(directory: Directory, zone: string, businessId: string): Words {
  const named = (items: readonly { id: string; name: string }[]) =>
    new Map(items.map((one) => [one.id, one.name]));
  const services = named(directory.services);
  const people = named(directory.people);
  const places = named(directory.places);
  return {
    zone,
    service: (id) => services.get(id) ?? "Appointment",
    person: (id) => people.get(id) ?? "Somebody",
    place: (id) =>
      id === null || id === businessId ? "Main address" : (places.get(id) ?? "Elsewhere"),
  };
}

/** Who comes. */
export function whoComes(appointment: Appointment): string {
  return appointment.attendee ?? appointment.contact_name ?? "No name";
}

export function timesOf(begins: number, ends: number, zone: string): string {
  const text = (instant: number) => clock(new Date(instant).toISOString(), zone);
  return `${text(begins)} – ${text(ends)}`;
}

/** An hour at the edge of the calendar. */
export function hourOf(instant: number, zone: string): string {
  const format = new Intl.DateTimeFormat(undefined, {
    timeZone: zone,
    hour: "numeric",
    minute: "2-digit",
  });
  return format.format(instant);
}

export function dayOf(instant: number, zone: string): string {
  const { day } = wallTimeOf(instant, zone);
  return dayInWords(day, { weekday: "short", day: "numeric", month: "short" });
}

export function dayAndClock(instant: number, zone: string): string {
  return `${dayOf(instant, zone)}, ${clock(new Date(instant).toISOString(), zone)}`;
}

/** What only its place and its look tell of an appointment, for those who see neither. */
export function moreInWords(appointment: Appointment, words: Words, person: boolean): string {
  return [
    person && `with ${words.person(appointment.person_id)}`,
    appointment.state === "held" && "held",
    appointment.confirmed_at !== null && "confirmed",
    appointment.call_id !== null && "booked by the assistant",
  ]
    .filter(Boolean)
    .join(", ");
}

/**
 * Between a zone's wall clock and instants, by the same rule as the domain: a local time that the clock
 * jumps over means the first instant after the jump, one that comes twice means its first occurrence.
 * A day is an ISO 8601 date, a time of day is minutes from its beginning.
 */

export interface WallTime {
  day: string;
  minutes: number;
}

const MINUTE = 60_000;
const DAY_MINUTES = 24 * 60;
const formats = new Map<string, Intl.DateTimeFormat>();

/** What the wall clock of `zone` shows at an instant (milliseconds since 1970). */
export function wallTimeOf(instant: number, zone: string): WallTime {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(instant)
      .map((part) => [part.type, part.value]),
  );
  const [year, month, date] = [parts.get("year"), parts.get("month"), parts.get("day")];
  return {
    day: `${year}-${month}-${date}`,
    minutes: Number(parts.get("hour")) * 60 + Number(parts.get("minute")),
  };
}

/** The instant at which the wall clock of `zone` shows `minutes` past the beginning of `day`. */
export function instantOf(day: string, minutes: number, zone: string): number {
  const wanted = utcMidnight(day) + minutes * MINUTE;
  const shows = (instant: number) => {
    const wall = wallTimeOf(instant, zone);
    return utcMidnight(wall.day) + wall.minutes * MINUTE;
  };
  // The offsets that the zone can have around then: before a change of clocks, and after it.
  const around = [-DAY_MINUTES, 0, DAY_MINUTES].map((shift) => wanted + shift * MINUTE);
  const offsets = around.map((instant) => shows(instant) - instant);
  const found = offsets.map((offset) => wanted - offset).filter((at) => shows(at) === wanted);
  if (found.length > 0) return Math.min(...found);
  let [before, after] = [
    wanted - Math.max(...offsets) - MINUTE,
    wanted - Math.min(...offsets) + MINUTE,
  ];
  while (after - before > MINUTE) {
    const middle = before + Math.floor((after - before) / 2 / MINUTE) * MINUTE;
    if (shows(middle) < wanted) before = middle;
    else after = middle;
  }
  return after;
}

export function addDays(day: string, count: number): string {
  return isoDay(utcMidnight(day) + count * DAY_MINUTES * MINUTE);
}

/** Monday to Sunday of the week in which the day lies. */
export function weekOf(day: string): string[] {
  const weekday = (new Date(utcMidnight(day)).getUTCDay() + 6) % 7;
  return Array.from({ length: 7 }, (_, place) => addDays(day, place - weekday));
}

export function today(zone: string, now: number = Date.now()): string {
  return wallTimeOf(now, zone).day;
}

export function isDay(text: string | null): text is string {
  return text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && isoDay(utcMidnight(text)) === text;
}

/** `09:30`, for a field of type time. */
export function clockText(minutes: number): string {
  const pad = (count: number) => String(count).padStart(2, "0");
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

export function minutesOf(clock: string): number | null {
  const found = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(clock);
  return found === null ? null : Number(found[1]) * 60 + Number(found[2]);
}

/** The day in words; days have no zone. */
export function dayInWords(day: string, options: Intl.DateTimeFormatOptions): string {
  const format = new Intl.DateTimeFormat(undefined, { ...options, timeZone: "UTC" });
  return format.format(utcMidnight(day));
}

/** A zone as people say it: the place that it is named after. */
export function zoneInWords(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}

export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Whether two zones show the same wall clock at these instants. */
export function sameClock(zone: string, other: string, ...instants: number[]): boolean {
  return instants.every((instant) => {
    const [one, two] = [wallTimeOf(instant, zone), wallTimeOf(instant, other)];
    return one.day === two.day && one.minutes === two.minutes;
  });
}

function utcMidnight(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

function isoDay(instant: number): string {
  return Number.isNaN(instant) ? "" : new Date(instant).toISOString().slice(0, 10);
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-CA-u-hc-h23", {
      timeZone: zone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
    formats.set(zone, format);
  }
  return format;
}

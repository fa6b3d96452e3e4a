/** Where things stand on the calendar: columns of instants, from their first to their last minute. */
import { addDays, instantOf, wallTimeOf } from "./wallClock";

export interface Span {
  begins: number;
  ends: number;
}

/** What a column shows of its day, as instants (milliseconds since 1970). */
export interface Frame extends Span {
  day: string;
}

/** The hours of a day that are shown: wall clock, `until` up to 24. */
export interface Hours {
  from: number;
  until: number;
}

export interface Placed<T> {
  item: T;
  /** Of the column's width. */
  left: number;
  width: number;
}

export const MINUTE = 60_000;
export const STEP = 15;
const HOUR = 60;

export function frameOf(day: string, hours: Hours, zone: string): Frame {
  return {
    day,
    begins: instantOf(day, hours.from * HOUR, zone),
    ends: hours.until >= 24 ? midnightAfter(day, zone) : instantOf(day, hours.until * HOUR, zone),
  };
}

/** Minutes that really pass in it: fewer or more than the clock shows where that is changed. */
export function lengthOf(span: Span): number {
  return (span.ends - span.begins) / MINUTE;
}

/** The full hours of a frame with what the wall clock shows at each: an hour that comes twice is there
 * twice, one that is jumped over is not. */
export function hourLines(frame: Frame, zone: string): { at: number; minutes: number }[] {
  const found: { at: number; minutes: number }[] = [];
  // Some zones are a quarter of an hour off.
  for (let at = frame.begins; at < frame.ends; at += STEP * MINUTE) {
    const { minutes } = wallTimeOf(at, zone);
    if (minutes % HOUR === 0) found.push({ at, minutes });
  }
  return found;
}

/** Whether the clock is changed while the frame lasts. */
export function isChanged(frame: Frame, hours: Hours): boolean {
  return lengthOf(frame) !== (hours.until - hours.from) * HOUR;
}

/** The hours that hold all the spans on their days, and at least `usual`. */
export function hoursFor(
  spans: readonly Span[],
  days: readonly string[],
  zone: string,
  usual: Hours = { from: 8, until: 18 },
): Hours {
  let { from, until } = usual;
  for (const span of spans) {
    const [begins, ends] = [wallTimeOf(span.begins, zone), wallTimeOf(span.ends, zone)];
    if (days.includes(begins.day)) from = Math.min(from, Math.floor(begins.minutes / HOUR));
    if (days.includes(ends.day) && ends.minutes > 0) {
      until = Math.max(until, Math.ceil(ends.minutes / HOUR));
    }
    // Over midnight: the one day to its end, the other from its beginning.
    if (begins.day !== ends.day && days.includes(begins.day)) until = 24;
    if (begins.day !== ends.day && days.includes(ends.day) && ends.minutes > 0) from = 0;
  }
  return { from, until };
}

/** What of a span is in the frame; null if nothing is. */
export function within(span: Span, frame: Span): Span | null {
  const [begins, ends] = [Math.max(span.begins, frame.begins), Math.min(span.ends, frame.ends)];
  return begins < ends ? { begins, ends } : null;
}

/** What the spans leave of the frame, in order. */
export function gapsIn(frame: Span, spans: readonly Span[]): Span[] {
  const gaps: Span[] = [];
  let at = frame.begins;
  for (const span of [...spans].sort((a, b) => a.begins - b.begins)) {
    const inside = within(span, frame);
    if (inside === null) continue;
    if (inside.begins > at) gaps.push({ begins: at, ends: inside.begins });
    at = Math.max(at, inside.ends);
  }
  if (at < frame.ends) gaps.push({ begins: at, ends: frame.ends });
  return gaps;
}

/** Those that overlap stand side by side, each as wide as the rest leaves it; `least` minutes tall ones
 * overlap for at least as long. */
export function sideBySide<T extends Span>(items: readonly T[], least = 0): Placed<T>[] {
  const tall = (item: T) => Math.max(item.ends, item.begins + least * MINUTE);
  const sorted = [...items].sort((a, b) => a.begins - b.begins || tall(b) - tall(a));
  const placed: Placed<T>[] = [];
  let lanes: number[] = [];
  let cluster: { item: T; lane: number }[] = [];
  let end = -Infinity;
  const close = () => {
    for (const { item, lane } of cluster) {
      placed.push({ item, left: lane / lanes.length, width: 1 / lanes.length });
    }
    [lanes, cluster] = [[], []];
  };
  for (const item of sorted) {
    if (item.begins >= end) close();
    const free = lanes.findIndex((until) => until <= item.begins);
    const lane = free === -1 ? lanes.length : free;
    lanes[lane] = tall(item);
    cluster.push({ item, lane });
    end = Math.max(end === -Infinity ? tall(item) : end, tall(item));
  }
  close();
  return placed;
}

/** The instant of the grid next to `minutes` after the frame's beginning, such that something of
 * `length` minutes begins in the frame. */
export function snapped(minutes: number, frame: Span, step = STEP): number {
  const last = Math.floor((lengthOf(frame) - 1) / step) * step;
  const at = Math.min(Math.max(Math.round(minutes / step) * step, 0), last);
  return frame.begins + at * MINUTE;
}

/** The same wall clock on another day. */
export function onDay(instant: number, day: string, zone: string): number {
  return instantOf(day, wallTimeOf(instant, zone).minutes, zone);
}

function midnightAfter(day: string, zone: string): number {
  return instantOf(addDays(day, 1), 0, zone);
}

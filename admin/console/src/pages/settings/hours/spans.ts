/** A week of open spans, as one edits it. Weekday 0 is Monday. */

export interface Span {
  weekday: number;
  opens: string;
  closes: string;
}

export const WEEKDAYS = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
] as const;

export function ofDay(spans: readonly Span[], weekday: number): Span[] {
  return spans.filter((span) => span.weekday === weekday);
}

export function withDay(spans: readonly Span[], weekday: number, day: readonly Span[]): Span[] {
  return WEEKDAYS.flatMap((_, at) => (at === weekday ? day : ofDay(spans, at)));
}

/** What a further span of a day begins as: after the last one, else an ordinary day. */
export function nextSpan(day: readonly Span[], weekday: number): Span {
  const last = day.at(-1);
  const hour = last === undefined ? NaN : Number(last.closes.slice(0, 2));
  if (Number.isNaN(hour) || hour >= 22 || (last !== undefined && isOvernight(last))) {
    return { weekday, opens: "09:00", closes: "17:00" };
  }
  return { weekday, opens: clock(hour + 1), closes: clock(Math.min(hour + 5, 23)) };
}

export function isOvernight(span: Pick<Span, "opens" | "closes">): boolean {
  return span.opens !== "" && span.closes !== "" && span.closes <= span.opens;
}

/** Copies a day's spans to the other working days. */
export function copiedToWorkdays(spans: readonly Span[], from: number): Span[] {
  const day = ofDay(spans, from);
  return WEEKDAYS.flatMap((_, at) =>
    at < 5 ? day.map((span) => ({ ...span, weekday: at })) : ofDay(spans, at),
  );
}

const MINUTES_OF_WEEK = 7 * 24 * 60;

/** What is wrong with a span, by its place in the list: it is incomplete, or overlaps another. */
export function wrongSpans(spans: readonly Span[]): Map<number, string> {
  const found = new Map<number, string>();
  spans.forEach((span, at) => {
    if (span.opens === "" || span.closes === "") found.set(at, "Give both times.");
  });
  const times = spans.map(minutesOf);
  times.forEach((one, at) => {
    times.forEach((other, to) => {
      if (to >= at || found.has(at) || found.has(to)) return;
      const shifts = [-MINUTES_OF_WEEK, 0, MINUTES_OF_WEEK];
      if (shifts.some((by) => one.from < other.until + by && other.from + by < one.until)) {
        found.set(at, "This overlaps another time.");
      }
    });
  });
  return found;
}

/** `hours[5].opens` → 5. */
export function spanOfError(field: string): number | undefined {
  const found = /^\w+\[(\d+)\]/.exec(field) ?? /^\w+\.(\d+)\b/.exec(field);
  return found === null ? undefined : Number(found[1]);
}

export function shownSpans(spans: readonly Pick<Span, "opens" | "closes">[]): string {
  return spans.map((span) => `${span.opens}–${span.closes}`).join(", ");
}

function minutesOf(span: Span): { from: number; until: number } {
  const from = span.weekday * 1440 + minutes(span.opens);
  const length = minutes(span.closes) - minutes(span.opens);
  return { from, until: from + (length <= 0 ? length + 1440 : length) };
}

function minutes(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

function clock(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}

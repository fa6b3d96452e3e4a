/** What is known of a call in progress, read from its events. Pure: nothing here waits or asks. */
import type { Schemas } from "../api/client";

export type Call = Schemas["Call"];
export type CallEvent = Schemas["CallEvent"];

export interface LiveCall {
  call: Call;
  /** In order, each once. */
  events: readonly CallEvent[];
}

export type Speaker = "caller" | "assistant" | "staff";

export interface Line {
  key: string;
  who: Speaker | "whisper" | "briefing" | "course";
  text: string;
  at: string;
  /** The other side spoke over it: the text ends where it was cut. */
  cut: boolean;
  userId: string | null;
}

export interface Colleague {
  userId: string;
  /** The participant in the room. */
  identity: string;
}

export interface Floor {
  state: Call["state"];
  /** Who of the console speaks with the caller; null: nobody does. */
  holder: Colleague | null;
  /** Everybody who joined from the console, in the order in which they came. */
  inCall: readonly Colleague[];
}

export interface Answer {
  at: string;
  total: number;
  endOfTurn: number | null;
  model: number | null;
  speech: number | null;
}

export function keyOf(event: CallEvent): string {
  return `${event.epoch}.${event.seq}`;
}

/** The events with those of `more` that are not there yet, in order. */
export function merge(events: readonly CallEvent[], more: readonly CallEvent[]): CallEvent[] {
  const known = new Map(events.map((event) => [keyOf(event), event]));
  for (const event of more) known.set(keyOf(event), event);
  return [...known.values()].sort((a, b) => a.epoch - b.epoch || a.seq - b.seq);
}

export function linesOf(events: readonly CallEvent[]): Line[] {
  const lines: Line[] = [];
  events.forEach((entry, at) => {
    if (at > 0 && entry.epoch > (events[at - 1]?.epoch ?? 0)) lines.push(rescueOf(entry));
    const line = lineOf(entry);
    if (line !== null) lines.push(line);
  });
  return lines;
}

/** Before the first event of a process that took the call over from one that was lost. */
function rescueOf(entry: CallEvent): Line {
  const text = "The connection was lost for a moment: another process took over.";
  const key = `rescue ${keyOf(entry)}`;
  return { key, who: "course", text, at: entry.at, cut: false, userId: null };
}

function lineOf(entry: CallEvent): Line | null {
  const { event } = entry;
  const base = { key: keyOf(entry), at: entry.at, cut: false, userId: null };
  switch (event.type) {
    case "caller_said":
      return { ...base, who: "caller", text: event.text };
    case "assistant_said":
      return { ...base, who: "assistant", text: event.text, cut: event.interrupted ?? false };
    case "staff_said":
      return { ...base, who: "staff", text: event.text, userId: event.user_id ?? null };
    case "staff_whispered":
      // What is said aloud comes back as the assistant's own words.
      return event.aloud
        ? null
        : { ...base, who: "whisper", text: event.text, userId: event.user_id };
    case "briefing_said":
      return { ...base, who: "briefing", text: event.text };
    default:
      return null;
  }
}

/** The last thing that was said, by whomever. */
export function lastWords(events: readonly CallEvent[]): Line | null {
  return (
    linesOf(events).findLast(({ who }) => !["whisper", "briefing", "course"].includes(who)) ?? null
  );
}

/** The latencies of the last `count` answers, the oldest first, in seconds. */
export function answersOf(events: readonly CallEvent[], count = 6): Answer[] {
  const answers: Answer[] = [];
  for (const { at, event } of events) {
    if (event.type !== "assistant_said") continue;
    const seconds = event.latency;
    if (seconds?.total == null) continue;
    answers.push({
      at,
      total: seconds.total,
      endOfTurn: seconds.end_of_turn ?? null,
      model: seconds.model ?? null,
      speech: seconds.speech ?? null,
    });
  }
  return answers.slice(-count);
}

/** When the call was first taken: it goes on being the same call when another job takes it over. */
export function startOf({ call }: LiveCall): number {
  return Date.parse(call.started_at);
}

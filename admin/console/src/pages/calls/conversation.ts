/** What was said on a call, with what was done in between, in its order. */
import { speaker, type CallEvent, type Names } from "./words";
import type { Schemas } from "../../api/client";

export type Who = "caller" | "assistant" | "staff";

export interface Line {
  kind: "line";
  key: string;
  who: Who;
  name: string;
  text: string;
  /** Null for what needs no word about it. */
  note: string | null;
  at: string;
  interrupted: boolean;
}

export interface ToolUse {
  kind: "tool";
  key: string;
  at: string;
  tool: Schemas["ToolCalled"];
}

/** Something that explains what follows: who came, what staff told the assistant. */
export interface Mark {
  kind: "mark";
  key: string;
  at: string;
  event: CallEvent;
}

/** The process that served the call was lost, and another one went on with it. */
export interface Rescue {
  kind: "rescue";
  key: string;
  at: string;
}

export type Entry = Line | ToolUse | Mark | Rescue;

const MARKS: ReadonlySet<CallEvent["event"]["type"]> = new Set([
  "staff_joined",
  "staff_left",
  "staff_whispered",
  "transfer_started",
  "transfer_ended",
  "person_rung",
  "ring_ended",
  "switch_changed",
  "digit_pressed",
  "silence_noticed",
  "call_flagged",
  "claim_withheld",
  "line_recognised",
  "provider_failed",
  "call_ended",
] as const);

const NOTES: Readonly<Record<Schemas["AssistantSaid"]["kind"], string | null>> = {
  reply: null,
  greeting: "greeting",
  filler: "while working on it",
  notice: "notice",
};

export function conversationOf(events: readonly CallEvent[], names: Names): Entry[] {
  const rescuers = rescuersIn(events);
  return events.flatMap((entry): Entry[] => {
    const key = `${entry.epoch}.${entry.seq}`;
    const shown = entriesOf(entry, key, names);
    if (!rescuers.has(entry)) return shown;
    return [{ kind: "rescue", key: `rescue ${key}`, at: entry.at }, ...shown];
  });
}

/** The first event of each process after the first one. */
export function rescuersIn(events: readonly CallEvent[]): ReadonlySet<CallEvent> {
  return new Set(
    events.filter((entry, at) => at > 0 && entry.epoch > (events[at - 1]?.epoch ?? 0)),
  );
}

function entriesOf(entry: CallEvent, key: string, names: Names): Entry[] {
  const { event: fact, at } = entry;
  if (fact.type === "caller_said") {
    const said = { who: "caller" as const, name: "Caller", text: fact.text, note: null };
    return [{ kind: "line", key, at: fact.started_at ?? at, interrupted: false, ...said }];
  }
  if (fact.type === "assistant_said") {
    const { text, interrupted } = fact;
    const said = { who: "assistant" as const, name: "Assistant", text, note: NOTES[fact.kind] };
    return [{ kind: "line", key, at, interrupted, ...said }];
  }
  if (fact.type === "staff_said") {
    const said = { who: "staff" as const, name: speaker(fact, names), text: fact.text };
    const begun = fact.started_at ?? at;
    return [{ kind: "line", key, at: begun, interrupted: false, note: null, ...said }];
  }
  if (fact.type === "tool_called") return [{ kind: "tool", key, at, tool: fact }];
  return MARKS.has(fact.type) ? [{ kind: "mark", key, at, event: entry }] : [];
}

/** A tool answers `what is so | what to do next`. */
export function resultParts(result: string): { fact: string; next: string | null } {
  const place = result.indexOf(" | ");
  if (place === -1) return { fact: result, next: null };
  return { fact: result.slice(0, place), next: result.slice(place + 3) };
}

/** A value of a tool's arguments as people read it. */
export function valueInWords(value: unknown): string {
  if (value === null || value === undefined || value === "") return "not given";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map(valueInWords).join(", ") || "none";
  if (typeof value === "object") {
    const parts = Object.entries(value).map(([name, one]) => `${name}: ${valueInWords(one)}`);
    return parts.join(", ") || "none";
  }
  return String(value);
}

/** What a call led to, by the ids its events name, each once. */
export function ledTo(events: readonly CallEvent[]): {
  appointmentIds: string[];
  contactIds: string[];
  tookMessage: boolean;
} {
  const appointmentIds = new Set<string>();
  const contactIds = new Set<string>();
  let tookMessage = false;
  for (const { event: fact } of events) {
    if (fact.type === "message_taken") tookMessage = true;
    else if (fact.type === "contact_saved") contactIds.add(fact.contact_id);
    else if (
      fact.type === "appointment_booked" ||
      fact.type === "appointment_moved" ||
      fact.type === "appointment_cancelled" ||
      fact.type === "attendance_confirmed"
    ) {
      appointmentIds.add(fact.appointment_id);
    }
  }
  return { appointmentIds: [...appointmentIds], contactIds: [...contactIds], tookMessage };
}

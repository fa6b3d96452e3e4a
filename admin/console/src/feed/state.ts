/** The calls that the console knows of, and how the feed's messages change them. Pure. */
import { merge, type Call, type CallEvent, type LiveCall } from "./call";

export type Calls = ReadonlyMap<string, LiveCall>;

/** A call as the feed tells it when it begins, with all that has happened on it. */
export type ToldCall = Call & { events: CallEvent[] };

/** How many ended calls stay known, for who still looks at one. */
const ENDED_KEPT = 20;

export const isOver = (call: Call): boolean => call.state === "ended" || call.ended_at !== null;

/** The calls in progress are these: one that is not among them has ended unseen. */
export function replaceCalls(known: Calls, told: readonly ToldCall[]): Calls {
  const next = new Map<string, LiveCall>();
  for (const [id, one] of known) {
    next.set(id, isOver(one.call) ? one : { ...one, call: { ...one.call, state: "ended" } });
  }
  for (const { events, ...call } of told) next.set(call.id, { call, events: merge([], events) });
  return trimmed(next);
}

/** Something happened on a call, which is now as `call` says. */
export function addEvent(known: Calls, call: Call, event: CallEvent): Calls {
  const next = new Map(known);
  next.set(call.id, { call, events: merge(known.get(call.id)?.events ?? [], [event]) });
  return trimmed(next);
}

/** The calls in progress, the one that waits longest first. */
export function inProgress(known: Calls): LiveCall[] {
  return [...known.values()]
    .filter((one) => !isOver(one.call))
    .sort((a, b) => Date.parse(a.call.started_at) - Date.parse(b.call.started_at));
}

function trimmed(calls: Map<string, LiveCall>): Calls {
  const ended = [...calls.values()].filter((one) => isOver(one.call));
  ended.sort((a, b) => Date.parse(a.call.started_at) - Date.parse(b.call.started_at));
  for (const one of ended.slice(0, Math.max(0, ended.length - ENDED_KEPT))) {
    calls.delete(one.call.id);
  }
  return calls;
}

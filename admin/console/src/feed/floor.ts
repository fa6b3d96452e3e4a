/** Who speaks with the caller, read from a call's events. */
import type { CallEvent, Colleague, Floor } from "./call";

export function floorOf(events: readonly CallEvent[]): Floor {
  let state: Floor["state"] = "answering";
  let holder: Colleague | null = null;
  let inCall: Colleague[] = [];
  for (const { event } of events) {
    if (event.type === "staff_joined") {
      const joined = { userId: event.user_id, identity: event.identity };
      inCall = [...inCall.filter((one) => one.identity !== joined.identity), joined];
    } else if (event.type === "staff_left") {
      inCall = inCall.filter((one) => one.identity !== event.identity);
      if (holder?.identity === event.identity) holder = null;
    } else if (event.type === "floor_changed") {
      state = event.after;
      holder =
        state === "person" ? (inCall.find((one) => one.identity === event.identity) ?? null) : null;
    }
  }
  return { state, holder, inCall };
}

import { describe, expect, it } from "vitest";
import { answersOf, lastWords, linesOf, merge, type Call, type CallEvent } from "./call";
import { floorOf } from "./floor";
import { addEvent, inProgress, isOver, replaceCalls, type Calls, type ToldCall } from "./state";
import { stepOf } from "./step";

const NONE: Calls = new Map();

function call(id: string, changes: Partial<Call> = {}): Call {
  return {
    id,
    room: `call-${id}`,
    channel: "webrtc",
    dialled: "+12025550100",
    caller_phone: "+12025550111",
    contact_id: null,
    contact_name: null,
    state: "assistant",
    outcome: null,
    started_at: "2026-11-23T17:00:00Z",
    answered_at: null,
    ended_at: null,
    end_reason: null,
    duration_seconds: null,
    sandbox: [],
    flags: [],
    synthetic: false,
    ...changes,
  };
}

function told(id: string, changes: Partial<ToldCall> = {}): ToldCall {
  return { ...call(id, changes), events: changes.events ?? [] };
}

function entry(seq: number, event: object, epoch = 1): CallEvent {
  return { epoch, seq, at: "2026-11-23T17:00:01Z", event: { version: 1, ...event } as never };
}

const joined = (seq: number, who: string) =>
  entry(seq, { type: "staff_joined", user_id: `user-${who}`, identity: `staff-${who}` });
const floor = (seq: number, after: string, identity = "", before = "assistant") =>
  entry(seq, { type: "floor_changed", before, after, identity });

describe("events", () => {
  it("are each kept once, in the order in which they happened", () => {
    const first = [entry(1, { type: "call_started" }), entry(2, { type: "call_answered" })];
    const more = [entry(1, { type: "caller_said", text: "Hi" }, 2), entry(2, first[1]!.event)];
    const merged = merge(first, [...more, entry(3, { type: "silence_noticed", times: 1 })]);
    expect(merged.map((one) => [one.epoch, one.seq])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 1],
    ]);
  });

  it("become lines, and what staff have it say appears only as the assistant's words", () => {
    const events = [
      entry(1, { type: "caller_said", text: "Hello" }),
      entry(2, { type: "staff_whispered", user_id: "u", text: "Be brief", aloud: false }),
      entry(3, { type: "staff_whispered", user_id: "u", text: "One moment", aloud: true }),
      entry(4, { type: "assistant_said", text: "One mo", interrupted: true }),
      entry(5, { type: "staff_said", text: "Maria here", user_id: "u" }),
    ];
    expect(linesOf(events).map((line) => [line.who, line.text, line.cut])).toEqual([
      ["caller", "Hello", false],
      ["whisper", "Be brief", false],
      ["assistant", "One mo", true],
      ["staff", "Maria here", false],
    ]);
    expect(lastWords(events)?.text).toBe("Maria here");
  });

  it("give the latencies of the last answers only", () => {
    const events = [1, 2, 3].map((seq) =>
      entry(seq, { type: "assistant_said", text: "x", latency: { total: seq } }),
    );
    events.push(entry(4, { type: "assistant_said", text: "x", latency: null }));
    expect(answersOf(events, 2).map((one) => one.total)).toEqual([2, 3]);
  });
});

describe("the floor", () => {
  it("belongs to nobody while the assistant speaks", () => {
    expect(floorOf([floor(1, "assistant", "", "answering")])).toMatchObject({
      state: "assistant",
      holder: null,
    });
  });

  it("belongs to who took it, while a second one listens", () => {
    const found = floorOf([joined(1, "a"), floor(2, "person", "staff-a"), joined(3, "b")]);
    expect(found.holder?.identity).toBe("staff-a");
    expect(found.inCall.map((one) => one.identity)).toEqual(["staff-a", "staff-b"]);
  });

  it("goes to whom it is given", () => {
    const found = floorOf([
      joined(1, "a"),
      floor(2, "person", "staff-a"),
      joined(3, "b"),
      floor(4, "person", "staff-b", "person"),
    ]);
    expect(found.holder?.identity).toBe("staff-b");
  });

  it("is no colleague's while somebody on a telephone has it", () => {
    expect(floorOf([joined(1, "a"), floor(2, "person", "sip-7")])).toMatchObject({
      state: "person",
      holder: null,
    });
  });

  it("is the assistant's again when its holder has left", () => {
    const left = entry(3, {
      type: "staff_left",
      user_id: "user-a",
      identity: "staff-a",
      reason: "lost",
    });
    const found = floorOf([
      joined(1, "a"),
      floor(2, "person", "staff-a"),
      left,
      floor(4, "assistant", "", "person"),
    ]);
    expect(found).toEqual({ state: "assistant", holder: null, inCall: [] });
  });
});

describe("the calls", () => {
  it("that the feed no longer names are over", () => {
    const known = replaceCalls(NONE, [told("1"), told("2")]);
    const now = replaceCalls(known, [told("2")]);
    expect(inProgress(now).map((one) => one.call.id)).toEqual(["2"]);
    expect(isOver(now.get("1")!.call)).toBe(true);
  });

  it("are as the feed tells them anew", () => {
    const heard = entry(1, { type: "caller_said", text: "Hi" });
    const missed = entry(2, { type: "assistant_said", text: "Hello" });
    const known = replaceCalls(NONE, [told("1", { events: [heard] })]);
    const now = replaceCalls(known, [told("1", { events: [heard, missed] })]);
    expect(now.get("1")!.events).toEqual([heard, missed]);
  });

  it("vanish from those in progress when they end", () => {
    const ended = call("1", { state: "ended", ended_at: "2026-11-23T17:02:00Z" });
    const end = entry(1, { type: "call_ended", reason: "caller_hung_up" });
    const known = addEvent(replaceCalls(NONE, [told("1")]), ended, end);
    expect(inProgress(known)).toEqual([]);
    expect(known.get("1")!.events).toEqual([end]);
  });

  it("that are new begin with their first event", () => {
    expect(inProgress(addEvent(NONE, call("9"), entry(1, { type: "call_started" })))).toHaveLength(
      1,
    );
  });

  it("are listed with the one that waits longest first", () => {
    const late = told("late", { started_at: "2026-11-23T17:05:00Z" });
    const known = replaceCalls(NONE, [late, told("early")]);
    expect(inProgress(known).map((one) => one.call.id)).toEqual(["early", "late"]);
  });

  it("that ended are forgotten after a while", () => {
    let known = NONE;
    for (let hour = 10; hour < 40; hour += 1) {
      known = replaceCalls(known, [
        told(String(hour), { started_at: `2026-11-23T17:${hour}:00Z` }),
      ]);
    }
    expect(known.has("39")).toBe(true);
    expect(known.has("10")).toBe(false);
    expect(known.size).toBe(21);
  });
});

describe("the step", () => {
  it("is the last thing that happened besides talk", () => {
    const events = [
      entry(1, { type: "tool_called", name: "find_times", outcome: "done" }),
      entry(2, { type: "assistant_said", text: "Monday?" }),
    ];
    expect(stepOf(events)).toBe("Looked for free times");
    expect(stepOf([])).toBe("The call has come in");
  });

  it("says what a tool was refused, and how a ring ended", () => {
    const refused = entry(1, { type: "tool_called", name: "book_appointment", outcome: "refused" });
    expect(stepOf([refused])).toBe("Booking an appointment: not possible");
    const ring = entry(2, { type: "ring_ended", attempt: 1, outcome: "busy" });
    expect(stepOf([refused, ring])).toBe("The telephone rung is busy");
  });
});

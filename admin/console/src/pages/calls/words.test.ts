import { describe, expect, it } from "vitest";
import { conversationOf, ledTo, resultParts, valueInWords } from "./conversation";
import { groupOf, inWords, label, toolInWords, type CallEvent, type Names } from "./words";

const NAMES: Names = {
  zone: "America/New_York",
  person: (id) => ({ p1: "Dr. Sarah Chen" })[id],
  service: (id) => ({ s1: "Cleaning" })[id],
  department: (id) => ({ d1: "Billing" })[id],
  user: (id) => (id === "u1" ? "You" : undefined),
};

let seq = 0;
function event(body: object): CallEvent {
  seq += 1;
  const fact = { version: 1, ...body } as CallEvent["event"];
  return { epoch: 1, seq, at: "2026-11-24T15:00:00Z", event: fact };
}
const said = (body: object) => inWords(event(body).event, NAMES).replaceAll("\u202f", " ");

describe("events", () => {
  it("name people, services and times", () => {
    expect(
      said({
        type: "appointment_booked",
        appointment_id: "a1",
        service_id: "s1",
        person_id: "p1",
        starts_at: "2026-11-24T15:00:00Z",
      }),
    ).toBe("Booked: Cleaning with Dr. Sarah Chen, Nov 24, 2026, 10:00 AM");
    expect(said({ type: "person_rung", attempt: 2, person_id: "p1", department_id: null })).toBe(
      "Rang Dr. Sarah Chen (telephone 2)",
    );
    expect(said({ type: "person_rung", attempt: 1, person_id: "gone", department_id: "d1" })).toBe(
      "Rang Billing (telephone 1)",
    );
  });

  it("say who of the staff did something, as far as that is known", () => {
    expect(said({ type: "staff_joined", user_id: "u1", identity: "staff-x" })).toBe(
      "You came into the call",
    );
    expect(said({ type: "staff_left", user_id: "u2", identity: "x", reason: "lost" })).toBe(
      "A colleague lost the connection",
    );
    expect(said({ type: "staff_whispered", user_id: "u1", text: "Offer 3", aloud: false })).toBe(
      "You told the assistant: Offer 3",
    );
  });

  it("tell what became of a telephone that rang", () => {
    expect(said({ type: "ring_ended", attempt: 1, outcome: "busy", detail: "486" })).toBe(
      "Telephone 1 was busy (486)",
    );
    expect(said({ type: "transfer_ended", outcome: "failed", detail: "" })).toBe(
      "Nobody was reached",
    );
  });

  it("that this build does not know are named all the same", () => {
    expect(said({ type: "survey_answered" })).toBe("Survey answered");
    expect(groupOf(event({ type: "survey_answered" }).event)).toBe("course");
  });

  it("fall into groups", () => {
    const groups = ["caller_said", "tool_called", "message_taken", "ring_ended", "call_ended"];
    expect(groups.map((type) => groupOf(event({ type }).event))).toEqual([
      "words",
      "tools",
      "deeds",
      "people",
      "course",
    ]);
  });
});

describe("tools", () => {
  const tool = { version: 1, type: "tool_called", arguments: {}, result: "", seconds: 1 } as const;

  it("say what they did, and what they only tried", () => {
    expect(toolInWords({ ...tool, name: "find_times", outcome: "done" })).toBe(
      "Looked for free times",
    );
    expect(toolInWords({ ...tool, name: "book_appointment", outcome: "refused" })).toBe(
      "Tried: booked an appointment",
    );
    expect(toolInWords({ ...tool, name: "fly_away", outcome: "failed" })).toBe(
      "Asked for fly away",
    );
  });

  it("have arguments and results that can be read", () => {
    expect(label("part_of_day")).toBe("Part of day");
    expect(["", null, true, ["a", "b"], { day: 3 }, {}, []].map(valueInWords)).toEqual([
      "not given",
      "not given",
      "yes",
      "a, b",
      "day: 3",
      "none",
      "none",
    ]);
    expect(resultParts("Two times are free | offer the first")).toEqual({
      fact: "Two times are free",
      next: "offer the first",
    });
    expect(resultParts("nothing")).toEqual({ fact: "nothing", next: null });
  });
});

describe("a conversation", () => {
  const events = [
    event({ type: "call_started", caller: "+1", dialled: "+1", channel: "sip", degraded: false }),
    event({ type: "assistant_said", text: "Hello", interrupted: true, kind: "greeting" }),
    event({ type: "caller_said", text: "Hi", started_at: "2026-11-24T15:00:09Z" }),
    event({ type: "tool_called", name: "find_times", outcome: "done", seconds: 1 }),
    event({ type: "staff_said", text: "Riley here", user_id: null, person_id: "p1" }),
    event({ type: "appointment_booked", appointment_id: "a1" }),
    event({ type: "appointment_moved", appointment_id: "a1" }),
    event({ type: "message_taken", message_id: "m1", urgency: "normal" }),
    event({ type: "call_ended", reason: "caller_hung_up" }),
  ];

  it("has lines with who spoke, tools in their place, and its end", () => {
    const entries = conversationOf(events, NAMES);
    expect(entries.map((entry) => entry.kind)).toEqual(["line", "line", "tool", "line", "mark"]);
    expect(entries[0]).toMatchObject({ who: "assistant", interrupted: true, note: "greeting" });
    expect(entries[1]).toMatchObject({ who: "caller", at: "2026-11-24T15:00:09Z" });
    expect(entries[3]).toMatchObject({ who: "staff", name: "Dr. Sarah Chen" });
  });

  it("leads to each appointment once", () => {
    expect(ledTo(events)).toEqual({ appointmentIds: ["a1"], contactIds: [], tookMessage: true });
  });
});

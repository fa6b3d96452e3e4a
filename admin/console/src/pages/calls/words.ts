/** What happened on a call, in words. */
import type { Schemas } from "../../api/client";
import { dateAndClock } from "../../components/time";
import { capital, spaced } from "../../words";

export type CallEvent = Schemas["CallEvent"];
export type CallFact = CallEvent["event"];
type Call = Schemas["Call"];
export type EndReason = NonNullable<Call["end_reason"]>;

/** Who and what ids stand for; undefined where it is not known (any more). */
export interface Names {
  zone: string;
  person: (id: string) => string | undefined;
  service: (id: string) => string | undefined;
  department: (id: string) => string | undefined;
  user: (id: string) => string | undefined;
}

export type Group = "words" | "tools" | "deeds" | "people" | "course" | "trouble";

export const GROUPS: Readonly<Record<Group, string>> = {
  words: "What was said",
  tools: "Tools",
  deeds: "What came of it",
  people: "Staff and handoff",
  course: "The call's course",
  trouble: "Trouble",
};

export const END_REASONS: Readonly<Record<EndReason, string>> = {
  caller_hung_up: "The caller hung up",
  assistant_ended: "The assistant said goodbye and hung up",
  silence: "Nobody spoke any more",
  time_limit: "It reached the longest time that a call may take",
  transferred: "The caller was passed on to another number",
  staff_ended: "Staff ended it",
  person_hung_up: "The person who had taken it hung up",
  switched_off: "The assistant is switched off",
  unknown_number: "The number dialled belongs to no business",
  failed: "Something broke",
  worker_stopped: "The service was being stopped",
  worker_lost: "The process that served it was lost",
  no_worker: "Nothing was left to serve it",
  server_lost: "The call server was lost",
  not_a_person: "A machine called, not a person",
  abuse: "The caller was abusive",
  too_many_calls: "The same number called again and again",
};

export const STATES: Readonly<Record<Call["state"], string>> = {
  answering: "Being answered",
  assistant: "With the assistant",
  briefing: "A person is being told of it",
  person: "With a person",
  ended: "Ended",
};

export const OUTCOMES: Readonly<Record<NonNullable<Call["outcome"]>, string>> = {
  booked: "Booked",
  moved: "Moved",
  cancelled: "Cancelled",
  transferred: "Transferred",
  message: "Message",
};

export const CHANNELS: Readonly<Record<Call["channel"], string>> = {
  sip: "Telephone",
  webrtc: "Browser",
};

const RING_OUTCOMES: Readonly<Record<Schemas["RingEnded"]["outcome"], string>> = {
  accepted: "took the call",
  declined: "declined",
  busy: "was busy",
  no_answer: "did not answer",
  voicemail: "was a voicemail",
  hung_up: "hung up while being told of the call",
  unclear: "answered, but said neither yes nor no",
  cancelled: "was no longer needed",
  caller_gone: "was let go: the caller had hung up",
  failed: "could not be reached",
};

const MODES: Readonly<Record<Schemas["SwitchChanged"]["mode"], string>> = {
  on: "on",
  messages_only: "to taking messages only",
  off: "off",
};

const PARTS: Readonly<Record<Schemas["ProviderFailed"]["kind"], string>> = {
  hearing: "Hearing",
  model: "The language model",
  speech: "The voice",
};

export const FLAGS: Readonly<Record<Schemas["CallFlagged"]["flag"], string>> = {
  emergency: "An emergency was mentioned",
  self_harm: "The caller spoke of harming themselves",
  threat: "The caller threatened somebody",
  abuse: "The caller was abusive",
};

const TOOLS: Readonly<Record<string, string>> = {
  find_times: "Looked for free times",
  book_appointment: "Booked an appointment",
  find_appointments: "Looked for appointments",
  move_appointment: "Moved an appointment",
  cancel_appointment: "Cancelled an appointment",
  take_message: "Took a message",
  transfer_to_person: "Passed the call to a person",
  look_up: "Looked something up",
  save_caller: "Noted who is calling",
  end_call: "Ended the call",
};

export function toolInWords(tool: Schemas["ToolCalled"]): string {
  const done = TOOLS[tool.name];
  if (done === undefined) return `Asked for ${spaced(tool.name)}`;
  return tool.outcome === "done" ? done : `Tried: ${done.charAt(0).toLowerCase()}${done.slice(1)}`;
}

export const TOOL_OUTCOMES: Readonly<Record<Schemas["ToolCalled"]["outcome"], string>> = {
  done: "Done",
  refused: "Refused",
  failed: "Failed",
};

/** `snake_case` as a label. */
export function label(name: string): string {
  return capital(spaced(name));
}

export function groupOf(fact: CallFact): Group {
  switch (fact.type) {
    case "caller_said":
    case "assistant_said":
    case "staff_said":
    case "digit_pressed":
      return "words";
    case "tool_called":
    case "times_offered":
      return "tools";
    case "appointment_held":
    case "appointment_booked":
    case "appointment_moved":
    case "appointment_cancelled":
    case "attendance_confirmed":
    case "late_fee_told":
    case "waiting_list_joined":
    case "message_taken":
    case "contact_saved":
      return "deeds";
    case "transfer_started":
    case "transfer_ended":
    case "person_rung":
    case "person_answered":
    case "briefing_said":
    case "ring_ended":
    case "staff_joined":
    case "staff_left":
    case "staff_whispered":
    case "switch_changed":
      return "people";
    case "provider_failed":
    case "call_flagged":
    case "claim_withheld":
    case "line_recognised":
    case "silence_noticed":
      return "trouble";
    default:
      return "course";
  }
}

/** The event as a sentence. */
export function inWords(fact: CallFact, names: Names): string {
  switch (fact.type) {
    case "call_started":
      return started(fact);
    case "call_answered":
      return `Answered: the greeting began after ${seconds(fact.setup_seconds)}`;
    case "floor_changed":
      return floor(fact);
    case "caller_said":
      return `Caller: ${fact.text}`;
    case "assistant_said":
      return `Assistant: ${fact.text}${fact.interrupted ? " (interrupted)" : ""}`;
    case "staff_said":
      return `${speaker(fact, names)}: ${fact.text}`;
    case "tool_called":
      return `${toolInWords(fact)} (${seconds(fact.seconds)})`;
    case "digit_pressed":
      return `The caller pressed ${fact.digit}`;
    case "times_offered":
      return fact.offer_ids.length === 1
        ? "Offered one time"
        : `Offered ${fact.offer_ids.length} times`;
    case "appointment_held":
      return `Held a time: ${appointment(fact, names)}`;
    case "appointment_booked":
      return `Booked: ${appointment(fact, names)}`;
    case "appointment_moved":
      return `Moved an appointment from ${when(fact.before, names)} to ${when(fact.after, names)}`;
    case "appointment_cancelled":
      return "Cancelled an appointment";
    case "attendance_confirmed":
      return "The caller confirmed that they will come";
    case "late_fee_told":
      return "Told the fee for so late a change";
    case "waiting_list_joined":
      return `Put on the waiting list for ${names.service(fact.service_id) ?? "a service"}`;
    case "message_taken":
      return fact.urgency === "normal" ? "Took a message" : `Took a message (${fact.urgency})`;
    case "contact_saved":
      return "Saved the caller as a contact";
    case "transfer_started":
      return transfer(fact, names);
    case "person_rung":
      return `Rang ${rung(fact, names)}`;
    case "person_answered":
      return `Telephone ${fact.attempt} was answered`;
    case "briefing_said":
      return `Told the person: ${fact.text}`;
    case "ring_ended":
      return `Telephone ${fact.attempt} ${RING_OUTCOMES[fact.outcome]}${detail(fact.detail)}`;
    case "transfer_ended":
      return fact.outcome === "connected"
        ? "The caller was connected"
        : `Nobody was reached${detail(fact.detail)}`;
    case "staff_joined":
      return `${colleague(fact.user_id, names)} came into the call`;
    case "staff_left":
      return left(fact, names);
    case "staff_whispered":
      return fact.aloud
        ? `${colleague(fact.user_id, names)} had the assistant say: ${fact.text}`
        : `${colleague(fact.user_id, names)} told the assistant: ${fact.text}`;
    case "switch_changed":
      return `The assistant was switched ${MODES[fact.mode]}`;
    case "provider_failed":
      return `${PARTS[fact.kind]} (${fact.provider}) failed: ${fact.error}`;
    case "call_flagged":
      return FLAGS[fact.flag];
    case "claim_withheld":
      return `The assistant was about to claim something that had not been done: ${fact.said}`;
    case "line_recognised":
      return `What calls is no person: ${spaced(fact.kind)}`;
    case "silence_noticed":
      return fact.times === 1
        ? "Nobody spoke: the caller was asked whether they are there"
        : `Nobody spoke: the caller was asked again (${fact.times})`;
    case "call_ended":
      return END_REASONS[fact.reason];
    default:
      return unknown(fact);
  }
}

/** Between the events of two processes that served a call one after the other. */
export const RESCUED = "The process that served the call was lost: another process took over";

/** Who of the business spoke. */
export function speaker(fact: Schemas["StaffSaid"], names: Names): string {
  if (fact.user_id) return colleague(fact.user_id, names);
  return (fact.person_id && names.person(fact.person_id)) || "Staff";
}

export function seconds(count: number): string {
  return count < 1 ? `${Math.round(count * 1000)} ms` : `${count.toFixed(1)} s`;
}

function started(fact: Schemas["CallStarted"]): string {
  const how = fact.channel === "sip" ? "by telephone" : "from a browser";
  const who = fact.caller ? `${fact.caller} called` : "Somebody who withheld their number called";
  const saved = fact.degraded ? ", while the database was away" : "";
  return `${who} ${fact.dialled} ${how}${saved}`;
}

function floor(fact: Schemas["FloorChanged"]): string {
  const now = {
    answering: "The call is being answered",
    assistant: "The assistant speaks with the caller",
    briefing: "A person is told of the call while the caller waits",
    person: "A person speaks with the caller",
    ended: "Nobody speaks any more",
  }[fact.after];
  return fact.reason ? `${now} (${spaced(fact.reason)})` : now;
}

function appointment(
  fact: Schemas["AppointmentHeld"] | Schemas["AppointmentBooked"],
  names: Names,
): string {
  const service = names.service(fact.service_id) ?? "an appointment";
  const person = names.person(fact.person_id);
  return `${service}${person ? ` with ${person}` : ""}, ${when(fact.starts_at, names)}`;
}

function transfer(fact: Schemas["TransferStarted"], names: Names): string {
  const to = fact.department_id ? names.department(fact.department_id) : undefined;
  const asked = fact.by ? `${colleague(fact.by, names)} asked for a person` : "A person is sought";
  return `${asked}${to ? ` in ${to}` : ""}${detail(spaced(fact.reason))}`;
}

function rung(fact: Schemas["PersonRung"], names: Names): string {
  const who =
    (fact.person_id && names.person(fact.person_id)) ||
    (fact.department_id && names.department(fact.department_id));
  return who ? `${who} (telephone ${fact.attempt})` : `telephone ${fact.attempt}`;
}

function left(fact: Schemas["StaffLeft"], names: Names): string {
  const who = colleague(fact.user_id, names);
  if (fact.reason === "lost") return `${who} lost the connection`;
  return fact.reason === "ended" ? `${who} was in it until its end` : `${who} left the call`;
}

function colleague(userId: string, names: Names): string {
  return names.user(userId) ?? "A colleague";
}

function when(instant: string, names: Names): string {
  return dateAndClock(instant, names.zone);
}

function detail(text: string): string {
  return text ? ` (${text})` : "";
}

/** The server may know of more than this build does. */
function unknown(fact: never): string {
  return label((fact as { type: string }).type);
}

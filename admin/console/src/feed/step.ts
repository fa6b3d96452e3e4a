/** What is going on in a call, in words. */
import { spaced } from "../words";
import type { CallEvent } from "./call";

/** What each tool does, and has done. */
const TOOLS: Readonly<Record<string, readonly [string, string]>> = {
  find_times: ["Looking for free times", "Looked for free times"],
  book_appointment: ["Booking an appointment", "Booked an appointment"],
  find_appointments: ["Looking up appointments", "Looked up appointments"],
  move_appointment: ["Moving an appointment", "Moved an appointment"],
  cancel_appointment: ["Cancelling an appointment", "Cancelled an appointment"],
  take_message: ["Taking a message", "Took a message"],
  transfer_to_person: ["Looking for a person", "Looked for a person"],
  look_up: ["Looking up an answer", "Looked up an answer"],
  save_caller: ["Noting who is calling", "Noted who is calling"],
  end_call: ["Saying goodbye", "Said goodbye"],
};

const RING: Readonly<Record<string, string>> = {
  accepted: "took the call",
  declined: "declined",
  busy: "is busy",
  no_answer: "did not answer",
  voicemail: "was a voicemail",
  hung_up: "hung up",
  unclear: "gave no clear answer",
  cancelled: "no longer needed",
  caller_gone: "too late: the caller left",
  failed: "could not be reached",
};

const FLOORS: Readonly<Record<string, string>> = {
  answering: "Answering",
  assistant: "The assistant is speaking with the caller",
  briefing: "On hold while a person is rung",
  person: "A person is speaking with the caller",
  ended: "Ended",
};

/** The last thing that happened besides talk; what the call is at where nothing did. */
export function stepOf(events: readonly CallEvent[]): string {
  for (const { event } of [...events].reverse()) {
    const words = wordsOf(event);
    if (words !== null) return words;
  }
  return "The call has come in";
}

function wordsOf(event: CallEvent["event"]): string | null {
  switch (event.type) {
    case "call_started":
      return "The call has come in";
    case "call_answered":
      return "Greeted the caller";
    case "floor_changed":
      // Beginning with the caller, and back from a person, are told by what follows or came before.
      return event.before === "answering" ? null : (FLOORS[event.after] ?? null);
    case "tool_called":
      return toolWords(event.name, event.outcome);
    case "digit_pressed":
      return `The caller pressed ${event.digit}`;
    case "appointment_held":
      return "Holding a time for the caller";
    case "appointment_booked":
      return "Booked an appointment";
    case "appointment_moved":
      return "Moved an appointment";
    case "appointment_cancelled":
      return "Cancelled an appointment";
    case "attendance_confirmed":
      return "The caller confirmed that they will come";
    case "waiting_list_joined":
      return "Put the caller on the waiting list";
    case "message_taken":
      return event.urgency === "urgent" ? "Took an urgent message" : "Took a message";
    case "transfer_started":
      return event.kind === "warm" ? "Looking for a person" : "Passing the caller on";
    case "person_rung":
      return `Ringing a telephone${event.attempt > 1 ? ` (${event.attempt})` : ""}`;
    case "person_answered":
      return "Somebody answered";
    case "briefing_said":
      return "Telling them about the call";
    case "ring_ended":
      return `The telephone rung ${RING[event.outcome] ?? event.outcome}`;
    case "transfer_ended":
      return event.outcome === "connected" ? "Connected to a person" : "Nobody could be reached";
    case "staff_joined":
      return "Staff joined the call";
    case "staff_left":
      return event.reason === "lost" ? "Staff lost their connection" : "Staff left the call";
    case "staff_whispered":
      return event.aloud ? "Saying what staff asked for" : "Staff whispered to the assistant";
    case "switch_changed":
      return "The assistant was switched";
    case "provider_failed":
      return `Trouble with ${PROVIDERS[event.kind]}`;
    case "call_flagged":
      return "Something that staff have to know of";
    case "claim_withheld":
      return "Kept from claiming what was not done";
    case "line_recognised":
      return "No person: a machine calls";
    case "silence_noticed":
      return "Asked whether the caller is still there";
    case "call_ended":
      return "Ended";
    default:
      return null;
  }
}

const PROVIDERS = { hearing: "the hearing", model: "the model", speech: "the voice" } as const;

function toolWords(name: string, outcome: "done" | "refused" | "failed"): string {
  const plain = spaced(name);
  const [doing, done] = TOOLS[name] ?? [plain, plain];
  if (outcome === "failed") return `${doing}: failed`;
  if (outcome === "refused") return `${doing}: not possible`;
  return done;
}

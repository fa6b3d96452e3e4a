/** The parts of an installation, in words. */
import { capital, spaced } from "../../words";

const PARTS: Readonly<Record<string, string>> = {
  database: "Database",
  livekit: "Call server (LiveKit)",
  worker: "Worker: answers the calls",
  telephony: "Telephony (SIP)",
  jobs: "Background work",
  queue: "Work that waits",
  spool: "What calls have yet to tell the database",
  calendars: "Calendars elsewhere",
  "synthetic call": "Test call: the installation calls itself",
  deepgram: "Deepgram: hears",
  openai: "OpenAI: thinks",
  elevenlabs: "ElevenLabs: speaks",
};

export function partName(name: string): string {
  return PARTS[name] ?? capital(spaced(name));
}

/** Tasks that fail for good, by what does not get done. */
const TASKS: Readonly<Record<string, string>> = {
  sync_calendar: "Keeping a calendar in step",
};

export function taskName(task: string): string {
  return TASKS[task] ?? capital(spaced(task));
}

/** The parts of an installation, in words. */

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
  return PARTS[name] ?? spoken(name);
}

/** Tasks that fail for good, by what does not get done. */
const TASKS: Readonly<Record<string, string>> = {
  sync_calendar: "Keeping a calendar in step",
};

export function taskName(task: string): string {
  return TASKS[task] ?? spoken(task);
}

function spoken(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

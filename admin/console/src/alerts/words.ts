/** What an alert tells, in words. */
import type { Schemas } from "../api/client";
import { capital, spaced } from "../words";

export type Alert = Schemas["Alert"];

export function alertWords({ kind, subject }: Alert): string {
  switch (kind) {
    case "emergency":
      return "An emergency was mentioned on a call.";
    case "self_harm":
      return "A caller spoke of harming themselves.";
    case "threat":
      return "A caller threatened somebody.";
    case "provider_down":
      return `${provider(subject)} fails too often: calls begin with its backup.`;
    case "test_call_failed":
      return `The installation called itself (${subject}) and was not answered as it should be.`;
    case "calls_refused":
      return "Callers were turned away: all lines were taken.";
    case "work_failed":
      return `Work behind the scenes failed for good: ${spaced(subject)}.`;
    default:
      return unknown(kind);
  }
}

const KINDS: Readonly<Record<string, string>> = {
  hearing: "What hears",
  model: "What thinks",
  speech: "What speaks",
};

/** `speech elevenlabs` */
function provider(subject: string): string {
  const [kind = "", ...name] = subject.split(" ");
  const words = KINDS[kind];
  return words === undefined ? subject : `${words} (${name.join(" ")})`;
}

/** Whether it is about how the installation does, which the page Health shows. */
export function isTechnical({ kind }: Alert): boolean {
  return kind === "provider_down" || kind === "test_call_failed" || kind === "work_failed";
}

/** Nobody has said yet that they have seen it. */
export function isUnseen(alert: Alert): boolean {
  return alert.acknowledged_at === null && alert.resolved_at === null;
}

/** The urgent ones first, and of each the newest first. */
export function byUrgency(alerts: readonly Alert[]): Alert[] {
  return alerts.toSorted(
    (a, b) =>
      Number(b.urgent) - Number(a.urgent) || Date.parse(b.opened_at) - Date.parse(a.opened_at),
  );
}

/** The server may know of more than this build does. */
function unknown(kind: never): string {
  return `${capital(spaced(String(kind)))}.`;
}

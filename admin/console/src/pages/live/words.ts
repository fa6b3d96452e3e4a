/**
 * The words of a call while they are spoken. A person's segment is told anew, whole, at each revision of
 * the recogniser; the assistant's grows with its voice. Pure: nothing here waits or asks.
 */
import type { Speaker } from "../../feed/call";

export interface Segment {
  /** The speaker's identity and the segment's id. */
  key: string;
  who: Speaker;
  text: string;
  /** Nothing is added to it any more. */
  final: boolean;
  /** Milliseconds, of any clock that is the same for all segments. */
  since: number;
}

/** More segments than this are not on the screen. */
const KEPT = 30;
/** The event of what was said comes a moment after; a segment that waits longer has none of its own. */
const STALE_MS = 20_000;

export function say(words: readonly Segment[], said: Omit<Segment, "since">, now: number) {
  const at = words.findIndex((one) => one.key === said.key);
  const known = words[at];
  if (known === undefined) {
    return said.text === "" ? [...words] : [...words, { ...said, since: now }].slice(-KEPT);
  }
  // What was final does not become uncertain again by a revision that arrives late.
  if (known.final && !said.final) return [...words];
  return words.map((one) => (one === known ? { ...said, since: one.since } : one));
}

/** The words without those that the transcript holds by now. */
export function settle(
  words: readonly Segment[],
  said: readonly { who: string; text: string }[],
  now: number,
): Segment[] {
  return words.filter((one) => {
    if (!one.final) return true;
    if (now - one.since > STALE_MS) return false;
    return !said.some((line) => line.who === one.who && holds(line.text, one.text));
  });
}

/** A turn holds its segments; an answer that was cut is the beginning of its segment. */
function holds(line: string, segment: string): boolean {
  const [whole, part] = [plain(line), plain(segment)];
  return part === "" || whole.includes(part) || (whole !== "" && part.startsWith(whole));
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

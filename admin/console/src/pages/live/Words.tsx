import { useEffect, useRef } from "react";
import { clock } from "../../components/time";
import type { Line } from "../../feed/call";
import { useZone } from "../../session";
import type { Segment } from "./words";

const WHO: Readonly<Record<Line["who"], string>> = {
  caller: "Caller",
  assistant: "Assistant",
  staff: "Staff",
  whisper: "Whispered to the assistant",
  briefing: "Told to who was rung",
  course: "What happened",
};

/** Near enough to the end that one reads along. */
const AT_END_PIXELS = 80;

/** What was said so far, and below it what is being said. */
export function Words({
  lines,
  segments,
  nameOf,
}: {
  lines: readonly Line[];
  segments: readonly Segment[];
  nameOf: (userId: string | null) => string;
}) {
  const zone = useZone();
  const box = useReadingAlong(lines, segments);
  return (
    <div className="words" ref={box} tabIndex={0} role="region" aria-label="What is said">
      {lines.length === 0 && segments.length === 0 && (
        <p className="empty">Nothing has been said yet.</p>
      )}
      <ol>
        {lines.map((line) => (
          <li key={line.key} className={`line line-${line.who}`}>
            <p className="line-who">
              {WHO[line.who]}
              {line.userId !== null && `, ${nameOf(line.userId)}`}
              <time dateTime={line.at}>{clock(line.at, zone)}</time>
            </p>
            <p>
              {line.text}
              {line.cut && <span className="line-cut"> (interrupted)</span>}
            </p>
          </li>
        ))}
        {segments.map((one) => (
          <li key={one.key} className={`line line-live line-${one.who}`}>
            <p className="line-who">{WHO[one.who]}</p>
            <p className={one.final ? undefined : "line-interim"}>{one.text}</p>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** Follows the words as they come, unless one has scrolled back to read. */
function useReadingAlong(lines: readonly Line[], segments: readonly Segment[]) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const scrolled = () => {
      const rest = element.scrollHeight - element.scrollTop - element.clientHeight;
      atEnd.current = rest < AT_END_PIXELS;
    };
    element.addEventListener("scroll", scrolled, { passive: true });
    return () => element.removeEventListener("scroll", scrolled);
  }, []);
  useEffect(() => {
    const element = box.current;
    if (element !== null && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [lines, segments]);
  return box;
}

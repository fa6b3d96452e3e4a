import type { Schemas } from "../../api/client";
import { Empty } from "../../components/Notice";
import { clock, duration } from "../../components/time";
import { conversationOf, type Entry, type Line } from "./conversation";
import { ToolDetails } from "./ToolDetails";
import { groupOf, inWords, RESCUED, type CallEvent, type Names } from "./words";

interface Props {
  call: Schemas["Call"];
  events: readonly CallEvent[];
  names: Names;
}

/** What was said, with what was done in between. */
export function Conversation({ call, events, names }: Props) {
  const entries = conversationOf(events, names);
  return (
    <section aria-labelledby="conversation" className="conversation">
      <h2 id="conversation">Conversation</h2>
      {entries.length === 0 && <Empty>Nothing has been said.</Empty>}
      <ol>
        {entries.map((entry) => (
          <li key={entry.key} className={`said ${styleOf(entry)}`}>
            <Shown entry={entry} names={names} startedAt={call.started_at} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function styleOf(entry: Entry): string {
  if (entry.kind === "line") return `said-line said-${entry.who}`;
  const trouble = entry.kind === "mark" && groupOf(entry.event.event) === "trouble";
  return `said-${entry.kind} ${trouble ? "said-trouble" : ""}`;
}

function Shown({ entry, names, startedAt }: { entry: Entry; names: Names; startedAt: string }) {
  if (entry.kind === "line") return <Said line={entry} zone={names.zone} startedAt={startedAt} />;
  const at = <At at={entry.at} zone={names.zone} startedAt={startedAt} />;
  if (entry.kind === "rescue") {
    return (
      <>
        <span>{RESCUED}</span> {at}
      </>
    );
  }
  if (entry.kind === "tool") return <ToolDetails tool={entry.tool} at={at} />;
  return (
    <>
      <span>{inWords(entry.event.event, names)}</span> {at}
    </>
  );
}

function Said({ line, zone, startedAt }: { line: Line; zone: string; startedAt: string }) {
  return (
    <>
      <p className="said-who">
        <strong>{line.name}</strong>
        {line.note && <span> · {line.note}</span>}
        <At at={line.at} zone={zone} startedAt={startedAt} />
      </p>
      <p className="said-text">
        {line.text}
        {line.interrupted && <span className="said-cut"> — interrupted</span>}
      </p>
    </>
  );
}

/** How far into the call, and on hovering the time of day. */
export function At({ at, zone, startedAt }: { at: string; zone: string; startedAt: string }) {
  const into = (Date.parse(at) - Date.parse(startedAt)) / 1000;
  return (
    <time dateTime={at} title={clock(at, zone)} className="said-at">
      {duration(into)}
    </time>
  );
}

import { Fragment, useState } from "react";
import { rescuersIn } from "./conversation";
import { At } from "./Conversation";
import { groupOf, GROUPS, inWords, RESCUED, type CallEvent, type Group, type Names } from "./words";

interface Props {
  events: readonly CallEvent[];
  names: Names;
  startedAt: string;
}

/** Everything that happened on a call, in words. */
export function EventList({ events, names, startedAt }: Props) {
  const [group, setGroup] = useState<Group | "">("");
  const shown = events.filter((entry) => group === "" || groupOf(entry.event) === group);
  const rescuers = rescuersIn(events);
  const served = new Set(events.map((entry) => entry.epoch)).size;
  return (
    <details className="card event-list">
      <summary>
        <h2>Events ({events.length})</h2>
      </summary>
      {served > 1 && <p>{served} processes served this call, one after the other.</p>}
      <label className="event-filter">
        Show{" "}
        <select value={group} onChange={(event) => setGroup(event.target.value as Group | "")}>
          <option value="">everything</option>
          {(Object.entries(GROUPS) as [Group, string][]).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <ol>
        {shown.map((entry) => (
          <Fragment key={`${entry.epoch}.${entry.seq}`}>
            {rescuers.has(entry) && (
              <li className="event-trouble">
                <At at={entry.at} zone={names.zone} startedAt={startedAt} />
                <span>{RESCUED}</span>
              </li>
            )}
            <li className={`event-${groupOf(entry.event)}`}>
              <At at={entry.at} zone={names.zone} startedAt={startedAt} />
              <span>{inWords(entry.event, names)}</span>
            </li>
          </Fragment>
        ))}
      </ol>
      {shown.length === 0 && <p className="call-none">No such event.</p>}
    </details>
  );
}

import { Link } from "react-router";
import type { Schemas } from "../../api/client";
import { dateAndClock, duration } from "../../components/time";
import { callerOf } from "./caller";
import { CallFlags } from "./CallFlags";
import { CHANNELS, END_REASONS, OUTCOMES, STATES } from "./words";

type Call = Schemas["Call"];

/** A table on a desk; on a narrow screen each row is a card. */
export function CallTable({ calls, zone }: { calls: readonly Call[]; zone: string }) {
  return (
    <table className="call-table">
      <thead>
        <tr>
          <th scope="col">Caller</th>
          <th scope="col">When</th>
          <th scope="col">Length</th>
          <th scope="col">What came of it</th>
          <th scope="col">How it ended</th>
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <Row key={call.id} call={call} zone={zone} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ call, zone }: { call: Call; zone: string }) {
  const { name, phone } = callerOf(call);
  const open = call.ended_at === null;
  return (
    <tr className={open ? "call-row call-row-open" : "call-row"}>
      <td>
        <Link to={`/calls/${call.id}`} className="call-row-link">
          {name}
        </Link>
        {phone && <span className="call-row-phone">{phone}</span>}
        {call.flags.length > 0 && (
          <span className="call-row-flags">
            <CallFlags flags={call.flags} />
          </span>
        )}
        {call.channel === "webrtc" && <span className="call-row-phone">{CHANNELS.webrtc}</span>}
      </td>
      <td>
        <time dateTime={call.started_at}>{dateAndClock(call.started_at, zone)}</time>
      </td>
      <td>{call.duration_seconds === null ? "" : duration(call.duration_seconds)}</td>
      <td>
        {call.outcome && <span className="tag tag-outcome">{OUTCOMES[call.outcome]}</span>}{" "}
        {call.synthetic && <span className="tag">Test call</span>}{" "}
        {call.sandbox.length > 0 && <span className="tag">Sandbox</span>}
      </td>
      <td>
        {open ? (
          <span className="tag tag-open">{STATES[call.state]}</span>
        ) : (
          call.end_reason && END_REASONS[call.end_reason]
        )}
      </td>
    </tr>
  );
}

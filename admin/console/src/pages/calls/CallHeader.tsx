import { Link } from "react-router";
import type { Schemas } from "../../api/client";
import { Notice } from "../../components/Notice";
import { dateAndClock, duration } from "../../components/time";
import { callerOf } from "./caller";
import { CHANNELS, END_REASONS, FLAGS, OUTCOMES, STATES } from "./words";

export function CallHeader({ call, zone }: { call: Schemas["Call"]; zone: string }) {
  const { name, phone } = callerOf(call);
  const open = call.ended_at === null;
  return (
    <>
      <h1>{name}</h1>
      {open && (
        <Notice>
          This call goes on: {STATES[call.state].toLowerCase()}.{" "}
          <Link to={`/live?call=${call.id}`}>Listen and take part on Live</Link>
        </Notice>
      )}
      {call.flags.map((flag) => (
        <Notice key={flag} kind="error">
          {FLAGS[flag]}.
        </Notice>
      ))}
      {call.synthetic && (
        <Notice>The installation called itself, to see whether calls are answered.</Notice>
      )}
      {call.sandbox.length > 0 && (
        <Notice>
          On this call stand-ins took the place of {listed(call.sandbox)}: nothing real was heard or
          said.
        </Notice>
      )}
      <dl className="card call-facts">
        {phone && <Fact name="Number">{phone}</Fact>}
        <Fact name="When">
          <time dateTime={call.started_at}>{dateAndClock(call.started_at, zone)}</time>
        </Fact>
        <Fact name="Length">
          {call.duration_seconds === null ? "goes on" : duration(call.duration_seconds)}
        </Fact>
        <Fact name="Came by">{CHANNELS[call.channel]}</Fact>
        <Fact name="Dialled">{call.dialled}</Fact>
        <Fact name="What came of it">
          {call.outcome ? OUTCOMES[call.outcome] : open ? "not known yet" : "Nothing"}
        </Fact>
        {call.end_reason && <Fact name="How it ended">{END_REASONS[call.end_reason]}</Fact>}
      </dl>
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function listed(vendors: readonly string[]): string {
  return new Intl.ListFormat(undefined, { type: "conjunction" }).format(vendors);
}

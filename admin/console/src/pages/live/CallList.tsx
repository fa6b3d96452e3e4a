import { duration } from "../../components/time";
import { answersOf, lastWords, startOf, type LiveCall } from "../../feed/call";
import { floorOf } from "../../feed/floor";
import { stepOf } from "../../feed/step";
import { callerOf } from "../calls/caller";
import { CallFlags } from "../calls/CallFlags";
import { useNow } from "./clock";
import { LatencyBar } from "./LatencyBar";
import { useUserNames } from "./names";

const STATES: Readonly<Record<LiveCall["call"]["state"], string>> = {
  answering: "Answering",
  assistant: "Assistant",
  briefing: "On hold",
  person: "Person",
  ended: "Ended",
};

const WHO = { caller: "Caller", assistant: "Assistant", staff: "Staff" } as const;

export function CallState({ one }: { one: LiveCall }) {
  const nameOf = useUserNames();
  const { holder } = floorOf(one.events);
  const { state } = one.call;
  return (
    <span className={`state state-${state}`}>
      {state === "person" && holder !== null ? `With ${nameOf(holder.userId)}` : STATES[state]}
    </span>
  );
}

/** The calls in progress, one of which may be chosen. */
export function CallList({
  calls,
  chosen,
  onChoose,
}: {
  calls: readonly LiveCall[];
  chosen: string | null;
  onChoose: (callId: string) => void;
}) {
  const now = useNow();
  return (
    <ul className="call-list" aria-label="Calls in progress">
      {calls.map((one) => (
        <CallRow
          key={one.call.id}
          one={one}
          now={now}
          chosen={one.call.id === chosen}
          onChoose={() => onChoose(one.call.id)}
        />
      ))}
    </ul>
  );
}

function CallRow({
  one,
  now,
  chosen,
  onChoose,
}: {
  one: LiveCall;
  now: number;
  chosen: boolean;
  onChoose: () => void;
}) {
  const { call, events } = one;
  const words = lastWords(events);
  const { name, phone } = callerOf(call);
  return (
    <li className={`call-row ${chosen ? "call-chosen" : ""}`}>
      <button type="button" aria-current={chosen || undefined} onClick={onChoose}>
        <span className="call-head">
          <strong>{name}</strong>
          <time className="call-time">{duration((now - startOf(one)) / 1_000)}</time>
        </span>
        {phone && <span className="call-number">{phone}</span>}
        <span className="call-step">
          <CallState one={one} /> <CallFlags flags={call.flags} /> {stepOf(events)}
        </span>
        {words && (
          <span className="call-words">
            <span className="call-who">{WHO[words.who as keyof typeof WHO]}:</span> {words.text}
          </span>
        )}
      </button>
      <LatencyBar answers={answersOf(events)} />
    </li>
  );
}

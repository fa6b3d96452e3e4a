import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Link } from "react-router";
import { Button } from "../../components/Button";
import { Failure, Notice } from "../../components/Notice";
import { dateAndClock } from "../../components/time";
import type { CallEvent } from "../../feed/call";
import { useFeed } from "../../feed/FeedProvider";
import { MicrophoneMeter } from "../live/MicrophoneMeter";
import { useZone } from "../../session";
import { nameIn, useChanged, useNumbers, usePeople, useServices } from "../settings/lists";
import { Numbers } from "../settings/NumbersPage";
import { TestCall, type Stage } from "./testCall";

const STAGES: Readonly<Record<Stage, string>> = {
  idle: "",
  calling: "Calling…",
  ringing: "Ringing…",
  talking: "You are through: speak.",
  ended: "The call has ended.",
  failed: "",
};

export default function CallStep() {
  const { data: numbers } = useNumbers();
  return (
    <>
      <p className="page-intro">
        Speak with your receptionist from this page, as a caller would: ask something, or book an
        appointment. What you book is real; cancel it under Calendar afterwards. Headphones help.
      </p>
      {numbers?.length === 0 && (
        <>
          <Notice>
            The assistant is called by a number: add the one that you will use. Nothing has to be
            set at the carrier for this call.
          </Notice>
          <Numbers />
        </>
      )}
      {numbers !== undefined && numbers.length > 0 && <Phone />}
    </>
  );
}

function Phone() {
  const [call] = useState(() => new TestCall());
  const state = useSyncExternalStore(call.subscribe, call.snapshot);
  const changed = useChanged("calls");
  useEffect(() => () => call.close(), [call]);
  const { stage } = state;
  const told = useRef(false);
  useEffect(() => {
    const over = stage === "ended";
    if (over && !told.current) void changed();
    told.current = over;
  }, [stage, changed]);
  const live = stage === "calling" || stage === "ringing" || stage === "talking";
  return (
    <div className="card phone">
      <Failure error={state.error} />
      <div className="actions">
        {live ? (
          <>
            <Button kind="danger" onClick={() => call.hangUp()}>
              Hang up
            </Button>
            <Button aria-pressed={state.muted} onClick={() => void call.mute(!state.muted)}>
              {state.muted ? "Unmute" : "Mute"}
            </Button>
          </>
        ) : (
          <Button kind="main" onClick={() => void call.call()}>
            {stage === "idle" ? "Call it now" : "Call again"}
          </Button>
        )}
        <span role="status">{STAGES[stage]}</span>
      </div>
      {state.microphone !== null && (
        <MicrophoneMeter track={state.microphone.mediaStreamTrack} muted={state.muted} />
      )}
      {state.lines.length > 0 && (
        <ol className="said" aria-label="What was said" aria-live="polite">
          {state.lines.map((line) => (
            <li key={line.key} className={`said-${line.who}`}>
              <strong>{line.who === "caller" ? "You" : "Assistant"}</strong>
              <span>{line.text}</span>
            </li>
          ))}
        </ol>
      )}
      {state.room !== null && <Deeds room={state.room} />}
    </div>
  );
}

/** What came of the call, from its events. */
function Deeds({ room }: { room: string }) {
  const { calls } = useFeed();
  const zone = useZone();
  const { data: services } = useServices();
  const { data: people } = usePeople();
  const found = [...calls.values()].find((one) => one.call.room === room);
  if (found === undefined) return null;
  const deeds = found.events.map(deedOf).filter((one) => one !== null);
  return (
    <div className="deeds">
      {deeds.length > 0 && (
        <>
          <h3>What it did</h3>
          <ul>
            {deeds.map((one) => (
              <li key={one.key}>
                {one.what}
                {one.startsAt !== undefined &&
                  ` ${nameIn(services, one.serviceId ?? null)} with ${nameIn(people, one.personId ?? null)}, ${dateAndClock(one.startsAt, zone)}`}
              </li>
            ))}
          </ul>
        </>
      )}
      <Link to={`/calls/${found.call.id}`}>See the whole call</Link>
    </div>
  );
}

interface Deed {
  key: string;
  what: string;
  startsAt?: string;
  serviceId?: string;
  personId?: string;
}

function deedOf(entry: CallEvent): Deed | null {
  const key = `${entry.epoch}.${entry.seq}`;
  const { event } = entry;
  switch (event.type) {
    case "appointment_booked":
      return {
        key,
        what: "Booked:",
        startsAt: event.starts_at,
        serviceId: event.service_id,
        personId: event.person_id,
      };
    case "appointment_moved":
      return { key, what: "Moved an appointment." };
    case "appointment_cancelled":
      return { key, what: "Cancelled an appointment." };
    case "message_taken":
      return { key, what: "Took a message for you." };
    default:
      return null;
  }
}

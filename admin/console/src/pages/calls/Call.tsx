import { Link, useParams } from "react-router";
import { Failure, Loading } from "../../components/Notice";
import { useTitle } from "../../components/title";
import { useSession } from "../../session";
import { CallHeader } from "./CallHeader";
import { callerOf } from "./caller";
import { CameOfIt } from "./CameOfIt";
import { Conversation } from "./Conversation";
import { EventList } from "./EventList";
import { LatencyChart } from "./LatencyChart";
import { useCall } from "./useCall";
import { useNames } from "./useNames";
import "./calls.css";

export default function Call() {
  const { callId = "" } = useParams();
  const { business } = useSession();
  const { call, events, latency, error } = useCall(callId);
  const names = useNames();
  useTitle(call ? `Call of ${callerOf(call).name}` : "Call", business?.name);

  if (call === undefined) {
    return (
      <>
        <BackToCalls />
        <h1>Call</h1>
        {error === null ? <Loading what="the call" /> : <Failure error={error} />}
      </>
    );
  }
  return (
    <>
      <BackToCalls />
      <CallHeader call={call} zone={names.zone} />
      <Failure error={error} />
      <div className="call-parts">
        <Conversation call={call} events={events} names={names} />
        <div className="call-side">
          <CameOfIt call={call} events={events} names={names} />
          <LatencyChart latency={latency} startedAt={call.started_at} />
        </div>
      </div>
      <EventList events={events} names={names} startedAt={call.started_at} />
    </>
  );
}

function BackToCalls() {
  return (
    <p className="call-back">
      <Link
        to="/calls"
        onClick={(event) => {
          // To the list as it was left, where one came from it.
          const state: unknown = window.history.state;
          const place = (state as { idx?: number } | null)?.idx ?? 0;
          if (place > 0) {
            event.preventDefault();
            window.history.back();
          }
        }}
      >
        ← Calls
      </Link>
    </p>
  );
}

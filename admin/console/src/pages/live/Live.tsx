import { useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { useKeys } from "../../components/keys";
import { Empty, Loading } from "../../components/Notice";
import type { LiveCall } from "../../feed/call";
import { useFeed } from "../../feed/FeedProvider";
import { inProgress } from "../../feed/state";
import { callerOf } from "../calls/caller";
import { CallList } from "./CallList";
import { CallPanel } from "./CallPanel";

import "./live.css";

/** The calls in progress, and the one that is looked at (`?call=` names it). */
export default function Live() {
  const { calls, known } = useFeed();
  const [search, setSearch] = useSearchParams();
  const chosen = search.get("call");
  const running = inProgress(calls);
  const one = chosen !== null ? calls.get(chosen) : undefined;
  const choose = (callId: string | null) => setSearch(callId === null ? {} : { call: callId });

  const step = (by: number) => {
    const at = running.findIndex((call) => call.call.id === chosen);
    const next = running[at < 0 ? 0 : Math.min(Math.max(at + by, 0), running.length - 1)];
    if (next !== undefined && next.call.id !== chosen) choose(next.call.id);
  };
  useKeys({ arrowdown: () => step(1), arrowup: () => step(-1) });

  return (
    <div className={`live ${one ? "live-open" : ""}`}>
      <div className="live-list">
        <h1>Calls in progress</h1>
        <Arrivals calls={running} known={known} />
        {!known && <Loading what="the calls" />}
        {known && running.length === 0 && (
          <Empty>No calls at the moment. They appear here as they come in.</Empty>
        )}
        <CallList calls={running} chosen={chosen} onChoose={choose} />
      </div>
      {one !== undefined ? (
        <CallPanel key={one.call.id} one={one} onClose={() => choose(null)} />
      ) : (
        known && <NothingChosen wanted={chosen !== null} any={running.length > 0} />
      )}
    </div>
  );
}

function NothingChosen({ wanted, any }: { wanted: boolean; any: boolean }) {
  if (wanted) {
    return <Empty>That call is over. It is in the call log.</Empty>;
  }
  return any ? <Empty>Choose a call to see its words and to act on it.</Empty> : null;
}

/** Tells screen readers of calls that come and go, and of nothing else. */
function Arrivals({ calls, known }: { calls: readonly LiveCall[]; known: boolean }) {
  const [words, setWords] = useState("");
  const before = useRef<ReadonlyMap<string, string> | null>(null);
  useEffect(() => {
    if (!known) return;
    const now = new Map(calls.map(({ call }) => [call.id, callerOf(call).name]));
    const then = before.current;
    before.current = now;
    if (then === null) return;
    const came = [...now].filter(([id]) => !then.has(id)).map(([, name]) => `New call: ${name}.`);
    const went = [...then].filter(([id]) => !now.has(id)).map(([, name]) => `Ended: ${name}.`);
    if (came.length + went.length > 0) setWords([...came, ...went].join(" "));
  }, [calls, known]);
  return (
    <p className="visually-hidden" role="status">
      {words}
    </p>
  );
}

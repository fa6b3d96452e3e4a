import { useEffect, useMemo, useRef, useState } from "react";
import { Link, useBlocker } from "react-router";
import { useMutation } from "@tanstack/react-query";
import { api, data } from "../../api/client";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { stay } from "../../components/IdleWarning";
import { useKeys } from "../../components/keys";
import { Failure, Notice } from "../../components/Notice";
import { duration } from "../../components/time";
import { answersOf, linesOf, startOf, type LiveCall } from "../../feed/call";
import { floorOf } from "../../feed/floor";
import { isOver } from "../../feed/state";
import { stepOf } from "../../feed/step";
import { useMay, useSessionState } from "../../session";
import { callerOf } from "../calls/caller";
import { CallFlags } from "../calls/CallFlags";
import { CallState } from "./CallList";
import { useNow } from "./clock";
import { Composer, type ComposerHandle } from "./Composer";
import { FloorBar, holderName } from "./FloorBar";
import { LatencyBar } from "./LatencyBar";
import { LeaveDialog } from "./LeaveDialog";
import { useUserNames } from "./names";
import { TransferDialog } from "./TransferDialog";
import { useCallLine } from "./useCallLine";
import { Words } from "./Words";

/** While one listens or speaks the session is used, though the page asks the server nothing. */
const USED_EVERY_MS = 120_000;

/** One call: its words, and what can be done with it. */
export function CallPanel({ one, onClose }: { one: LiveCall; onClose: () => void }) {
  const { call, events } = one;
  const may = useMay()("staff");
  const over = isOver(call);
  const signedIn = useSessionState().session !== null;
  const { line, state } = useCallLine(call.id, { wanted: may && !over && signedIn });
  const nameOf = useUserNames();
  const lines = useMemo(() => linesOf(events), [events]);
  const floor = useMemo(() => floorOf(events), [events]);
  const composer = useRef<ComposerHandle>(null);
  const [dialog, setDialog] = useState<"transfer" | "end" | null>(null);
  const inCall = state.part === "in_call";
  const mine = inCall && floor.holder?.identity === state.identity;
  const elsewhere = floor.state === "person" && !mine;

  useEffect(() => line.settle(lines), [line, lines]);
  useSessionUsed(inCall || state.hearing);
  const leaving = useStaying(!over && (inCall || state.part === "joining"));

  const takeOver = () => void line.takeOver({ listen: elsewhere });
  const act = may && !over;
  useKeys({
    l: act && !inCall ? () => void line.listen(!state.hearing) : undefined,
    w: act ? () => composer.current?.write(false) : undefined,
    s: act ? () => composer.current?.write(true) : undefined,
    t: act && state.part === "hidden" ? takeOver : undefined,
    m: act && mine ? () => void line.mute(!state.muted) : undefined,
    h: act && inCall ? () => void line.leave({ give: mine }) : undefined,
    x: act ? () => setDialog("transfer") : undefined,
    e: act ? () => setDialog("end") : undefined,
  });

  return (
    <section className="call-panel card" aria-label={`Call with ${callerOf(call).name}`}>
      <PanelHead one={one} onClose={onClose} />
      {state.error !== null && (
        <Notice kind="error">
          {state.error}{" "}
          <Button kind="quiet" onClick={() => line.dismiss()}>
            Dismiss
          </Button>
        </Notice>
      )}
      {over ? (
        <Notice>
          The call has ended. <Link to={`/calls/${call.id}`}>Open it in the call log</Link>
        </Notice>
      ) : (
        act && (
          <div className="call-actions" role="group" aria-label="What to do with the call">
            {!inCall && (
              <Button
                className="toggle"
                shortcut="l"
                aria-pressed={state.hearing}
                disabled={state.words !== "open"}
                onClick={() => void line.listen(!state.hearing)}
              >
                {state.hearing ? "Listening" : "Listen"}
              </Button>
            )}
            {inCall || state.part === "leaving" ? (
              <Button
                kind="main"
                shortcut="h"
                busy={state.part === "leaving"}
                onClick={() => void line.leave({ give: mine })}
              >
                {mine ? "Hand back" : "Leave the call"}
              </Button>
            ) : (
              <Button kind="main" shortcut="t" busy={state.part === "joining"} onClick={takeOver}>
                Take over
              </Button>
            )}
            <Button shortcut="x" onClick={() => setDialog("transfer")}>
              Transfer
            </Button>
            <Button kind="danger" shortcut="e" onClick={() => setDialog("end")}>
              End
            </Button>
          </div>
        )
      )}
      {act && state.part !== "hidden" && (
        <FloorBar callId={call.id} floor={floor} line={line} state={state} nameOf={nameOf} />
      )}
      {act && state.part === "hidden" && elsewhere && (
        <p className="floor-words">
          {holderName(floor, nameOf)} has the floor. If you take over, you listen until it is given
          to you.
        </p>
      )}
      {act && state.words === "lost" && (
        <Notice>
          The call can&apos;t be reached from this browser, so its words come only when a turn is
          over. Trying again…
        </Notice>
      )}
      <Words lines={lines} segments={state.segments} nameOf={nameOf} />
      {act && <Composer callId={call.id} ref={composer} />}
      {dialog === "transfer" && (
        <TransferDialog
          callId={call.id}
          onSent={() => setDialog(null)}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === "end" && <EndDialog callId={call.id} onClose={() => setDialog(null)} />}
      {leaving !== null && <LeaveDialog onStay={leaving.stay} onLeave={leaving.leave} />}
    </section>
  );
}

function PanelHead({ one, onClose }: { one: LiveCall; onClose: () => void }) {
  const { call, events } = one;
  const now = useNow();
  const end = call.ended_at !== null ? Date.parse(call.ended_at) : now;
  const { name, phone } = callerOf(call);
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), [call.id]);
  return (
    <header className="panel-head">
      <Button kind="quiet" className="panel-back" onClick={onClose}>
        ← All calls
      </Button>
      <h2 ref={head} tabIndex={-1}>
        {name}
      </h2>
      <p className="panel-facts">
        <CallState one={one} />
        <CallFlags flags={call.flags} />
        <span>{duration((end - startOf(one)) / 1_000)}</span>
        {phone !== null && <span>{phone}</span>}
        <span>{stepOf(events)}</span>
        <LatencyBar answers={answersOf(events)} />
      </p>
    </header>
  );
}

function EndDialog({ callId, onClose }: { callId: string; onClose: () => void }) {
  const end = useMutation({
    mutationFn: () =>
      data(api.POST("/api/v1/calls/{call_id}/hangup", { params: { path: { call_id: callId } } })),
    onSuccess: onClose,
  });
  return (
    <Dialog title="End the call?" onClose={onClose}>
      <Failure error={end.error} />
      <p>The caller and everybody else in the call are cut off.</p>
      <div className="actions">
        <Button kind="danger" busy={end.isPending} onClick={() => end.mutate()}>
          End the call
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  );
}

function useSessionUsed(used: boolean): void {
  useEffect(() => {
    if (!used) return;
    const ticking = setInterval(() => void stay(), USED_EVERY_MS);
    return () => clearInterval(ticking);
  }, [used]);
}

/** Asks before one leaves the page, or closes it, while in the call. */
function useStaying(inCall: boolean): { stay: () => void; leave: () => void } | null {
  const blocker = useBlocker(inCall);
  useEffect(() => {
    if (!inCall) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [inCall]);
  if (blocker.state !== "blocked") return null;
  return { stay: () => blocker.reset(), leave: () => blocker.proceed() };
}

import { useEffect, useState } from "react";
import { api, lastAnswerAt } from "../api/client";
import { useSession, useSessionState } from "../session";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { duration } from "./time";

/** How long before the end of the session the page says so. */
const WARNING_SECONDS = 60;
/** The server notes a session's use once a minute: its count may be so much ahead of the page's. */
const SLACK_SECONDS = 60;
/** Somebody who works on the page without asking the server anything is not idle. */
const STIRRED = ["keydown", "pointerdown"] as const;

/** Warns before an idle session ends; typing and clicking keep it alive. */
export function IdleWarning() {
  const { idle_seconds, expires_at } = useSession();
  const { signOut, timeOut } = useSessionState();
  const [now, setNow] = useState(Date.now);
  const idle = Math.max(idle_seconds - SLACK_SECONDS, WARNING_SECONDS);
  const untilIdle = idle - (now - lastAnswerAt()) / 1_000;
  const untilEnd = (Date.parse(expires_at) - now) / 1_000;
  const left = Math.min(untilIdle, untilEnd);
  const warning = left <= WARNING_SECONDS;
  const over = left <= 0;

  useEffect(() => {
    const ticking = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(ticking);
  }, []);

  useEffect(() => {
    if (over) void timeOut();
    // Once, whatever `timeOut` is by then.
  }, [over]);

  useEffect(() => {
    const stirred = () => {
      if (!warning && Date.now() - lastAnswerAt() > (idle / 4) * 1_000) void stay();
    };
    for (const name of STIRRED) window.addEventListener(name, stirred, { passive: true });
    return () => {
      for (const name of STIRRED) window.removeEventListener(name, stirred);
    };
  }, [warning, idle]);

  if (!warning || over) return null;
  const last = untilEnd <= untilIdle;
  return (
    <Dialog
      title={last ? "This session ends" : "Are you still there?"}
      onClose={() => void stay().then(() => setNow(Date.now()))}
    >
      <p>
        You will be signed out in <strong>{duration(left)}</strong>.
        {last && " A session lasts no longer than that: sign in again to go on."}
      </p>
      <div className="actions">
        {!last && (
          <Button kind="main" onClick={() => void stay().then(() => setNow(Date.now()))}>
            Stay signed in
          </Button>
        )}
        <Button onClick={() => void signOut()}>Sign out</Button>
      </div>
    </Dialog>
  );
}

/** Uses the session, which puts off its idle end. */
export async function stay(): Promise<void> {
  await api.GET("/api/v1/sessions/current").catch(() => undefined);
}

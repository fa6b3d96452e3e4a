import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { api, data, type Schemas } from "../../api/client";
import { allPages } from "../../api/pages";
import { Button } from "../../components/Button";
import { Empty, Failure, Loading, Stale } from "../../components/Notice";
import { dateAndClock } from "../../components/time";
import { useZone } from "../../session";
import { Confirm } from "../settings/form/Confirm";
import { useChanged } from "../settings/lists";
import { taskName } from "./words";

type DeadLetter = Schemas["DeadLetter"];

/** Work behind the scenes that failed as often as it may be tried: somebody decides what becomes of it. */
export function FailedWork() {
  const { data: letters, error } = useQuery({
    queryKey: ["dead-letters"],
    queryFn: () =>
      allPages((query) => data(api.GET("/api/v1/dead-letters", { params: { query } }))),
  });
  return (
    <section aria-label="Work that failed">
      <h2>Work that failed</h2>
      <p className="page-intro">
        Done behind the scenes, and tried as often as it may be. Once its cause is mended, it can be
        tried again.
      </p>
      {letters === undefined ? (
        error ? (
          <Failure error={error} />
        ) : (
          <Loading what="the work that failed" />
        )
      ) : (
        <>
          <Stale error={error} />
          {letters.length === 0 && <Empty>Nothing has failed for good.</Empty>}
          <ul className="things">
            {letters.map((one) => (
              <Row key={one.id} letter={one} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Row({ letter }: { letter: DeadLetter }) {
  const zone = useZone();
  const changed = useChanged("dead-letters");
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const path = { job_id: letter.id };
  const name = `${taskName(letter.task)} (${letter.id})`;

  async function retry() {
    setBusy(true);
    setFailure(null);
    try {
      await data(api.POST("/api/v1/dead-letters/{job_id}/retry", { params: { path } }));
      await changed();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <li className="card thing">
      <div className="thing-text">
        <strong>{taskName(letter.task)}</strong>
        <div className="thing-about">
          {[
            letter.error,
            `tried ${letter.tries} times`,
            letter.failed_at === null ? "" : `failed ${dateAndClock(letter.failed_at, zone)}`,
            `job ${letter.id}`,
          ]
            .filter(Boolean)
            .join(" · ")}
        </div>
        <Failure error={failure} />
      </div>
      <div className="thing-actions">
        <Button busy={busy} aria-label={`Try again: ${name}`} onClick={() => void retry()}>
          Try again
        </Button>
        <Button kind="quiet" aria-label={`Give up: ${name}`} onClick={() => setAsking(true)}>
          Give up
        </Button>
      </div>
      {asking && (
        <Confirm
          title="Give up this work?"
          yes="Give up"
          danger
          onClose={() => setAsking(false)}
          run={async () => {
            await data(api.DELETE("/api/v1/dead-letters/{job_id}", { params: { path } }));
            await changed();
          }}
        >
          <p>It will not be done.</p>
        </Confirm>
      )}
    </li>
  );
}

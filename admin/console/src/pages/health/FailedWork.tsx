import { useState } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { api, data, type Schemas } from "../../api/client";
import { allPages } from "../../api/pages";
import { Button } from "../../components/Button";
import { Empty, Failure, Stale, Unread } from "../../components/Notice";
import { dateAndClock } from "../../components/time";
import { useZone } from "../../session";
import { Confirm } from "../settings/form/Confirm";
import { useChanged } from "../settings/lists";
import { inLine } from "../../words";
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
        <Unread what="the work that failed" error={error} />
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
  const path = { job_id: letter.id };
  const name = `${taskName(letter.task)} (${letter.id})`;

  const retry = useMutation({
    mutationFn: () => data(api.POST("/api/v1/dead-letters/{job_id}/retry", { params: { path } })),
    onSuccess: changed,
  });

  return (
    <li className="card thing">
      <div className="thing-text">
        <strong>{taskName(letter.task)}</strong>
        <div className="thing-about">
          {inLine(
            letter.error,
            `tried ${letter.tries} times`,
            letter.failed_at === null ? "" : `failed ${dateAndClock(letter.failed_at, zone)}`,
            `job ${letter.id}`,
          )}
        </div>
        <Failure error={retry.error} />
      </div>
      <div className="thing-actions">
        <Button
          busy={retry.isPending}
          aria-label={`Try again: ${name}`}
          onClick={() => retry.mutate()}
        >
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

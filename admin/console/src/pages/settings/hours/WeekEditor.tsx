import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { api, ApiError, data } from "../../../api/client";
import { Button } from "../../../components/Button";
import { Failure, Loading, Notice } from "../../../components/Notice";
import { useUnsaved } from "../form/unsaved";
import { useAsking } from "./asking";
import { spanOfError, wrongSpans, type Span } from "./spans";
import { WeekGrid } from "./WeekGrid";

/** Whose hours: the main address's with neither, a place's, or a person's at a place. */
export interface Owner {
  person_id?: string;
  place_id?: string;
}

/** The weekly hours of one owner. */
export function WeekEditor({ owner, emptyMeans }: { owner: Owner; emptyMeans: string }) {
  const { data: week, error } = useQuery({
    queryKey: ["hours", owner],
    queryFn: () => data(api.GET("/api/v1/hours", { params: { query: owner } })),
    refetchOnWindowFocus: false,
  });
  if (error !== null) return <Failure error={error} />;
  if (week === undefined) return <Loading what="the hours" />;
  return (
    <Editing
      key={JSON.stringify([owner, week.hours])}
      owner={owner}
      saved={week.hours}
      emptyMeans={emptyMeans}
    />
  );
}

function Editing({
  owner,
  saved,
  emptyMeans,
}: {
  owner: Owner;
  saved: readonly Span[];
  emptyMeans: string;
}) {
  const [spans, setSpans] = useState<Span[]>([...saved]);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const { ask, question } = useAsking();
  const dirty = JSON.stringify(spans) !== JSON.stringify(saved);
  useUnsaved(dirty);
  const errors = new Map(wrongSpans(spans));
  if (failure instanceof ApiError) {
    for (const [field, message] of failure.fields) {
      const at = spanOfError(field);
      if (at !== undefined) errors.set(at, message);
    }
  }

  async function save() {
    if (wrongSpans(spans).size > 0) return;
    setBusy(true);
    setFailure(null);
    try {
      await ask(
        (tryOnly) =>
          data(
            api.PUT("/api/v1/hours", {
              params: { query: { ...owner, try_only: tryOnly } },
              body: { hours: spans },
            }),
          ),
        () => undefined,
      );
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <div className="week-editor">
      {spans.length === 0 && <Notice>{emptyMeans}</Notice>}
      {failure !== null && errors.size === 0 && <Failure error={failure} />}
      <WeekGrid
        spans={spans}
        errors={errors}
        onChange={(next) => {
          setSpans(next);
          setFailure(null);
        }}
      />
      <div className="actions">
        <Button
          kind="main"
          busy={busy}
          disabled={!dirty || wrongSpans(spans).size > 0}
          onClick={() => void save()}
        >
          Save hours
        </Button>
        {dirty && (
          <>
            <Button onClick={() => setSpans([...saved])}>Undo</Button>
            <span className="unsaved">Not saved yet</span>
          </>
        )}
      </div>
      {question}
    </div>
  );
}

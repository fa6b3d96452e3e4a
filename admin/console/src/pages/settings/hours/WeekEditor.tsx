import { useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ApiError, data } from "../../../api/client";
import { Button } from "../../../components/Button";
import { Dialog } from "../../../components/Dialog";
import { Failure, Notice, Stale, Unread } from "../../../components/Notice";
import { useUnsaved } from "../form/unsaved";
import { useAsking } from "./asking";
import { ofDay, shownSpans, spanOfError, WEEKDAYS, wrongSpans, type Span } from "./spans";
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
    queryFn: () => readWeek(owner),
    refetchOnWindowFocus: false,
  });
  if (week === undefined) return <Unread what="the hours" error={error} />;
  return (
    <>
      <Stale error={error} />
      <Editing
        key={JSON.stringify(owner)}
        owner={owner}
        known={week.hours}
        emptyMeans={emptyMeans}
      />
    </>
  );
}

function readWeek(owner: Owner) {
  return data(api.GET("/api/v1/hours", { params: { query: owner } }));
}

function Editing({
  owner,
  known,
  emptyMeans,
}: {
  owner: Owner;
  /** As they are now, as far as this page has heard. */
  known: readonly Span[];
  emptyMeans: string;
}) {
  /** What the changes are made to. */
  const [saved, setSaved] = useState(known);
  const [spans, setSpans] = useState<Span[]>([...known]);
  const [theirs, setTheirs] = useState<readonly Span[] | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const queries = useQueryClient();
  const { ask, question } = useAsking();
  const dirty = !same(spans, saved);
  // What is being edited is not swapped under one's hands: then saving notices that it is another week by now.
  if (!dirty && !same(known, saved)) {
    setSaved(known);
    setSpans([...known]);
  }
  useUnsaved(dirty);
  const errors = new Map(wrongSpans(spans));
  if (failure instanceof ApiError) {
    for (const [field, message] of failure.fields) {
      const at = spanOfError(field);
      if (at !== undefined) errors.set(at, message);
    }
  }

  function follow(week: readonly Span[]) {
    setSaved(week);
    setSpans([...week]);
    setTheirs(null);
  }

  async function save(over: readonly Span[]) {
    if (wrongSpans(spans).size > 0) return;
    setBusy(true);
    setFailure(null);
    setTheirs(null);
    try {
      const now = await readWeek(owner);
      if (!same(now.hours, over)) {
        queries.setQueryData(["hours", owner], now);
        setTheirs(now.hours);
        return;
      }
      await ask(
        (tryOnly) =>
          data(
            api.PUT("/api/v1/hours", {
              params: { query: { ...owner, try_only: tryOnly } },
              body: { hours: spans },
            }),
          ),
        () => setSaved(spans),
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
          onClick={() => void save(saved)}
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
      {theirs !== null && (
        <Dialog title="Somebody else saved these hours meanwhile" onClose={() => setTheirs(null)}>
          <p>Nothing of yours is saved yet. These hours are in force:</p>
          <ul>
            {WEEKDAYS.map((day, weekday) => (
              <li key={day}>
                {day}: {shownSpans(ofDay(theirs, weekday)) || "closed"}
              </li>
            ))}
          </ul>
          <div className="actions">
            <Button kind="main" busy={busy} onClick={() => void save(theirs)}>
              Save mine instead
            </Button>
            <Button onClick={() => follow(theirs)}>Take theirs</Button>
            <Button kind="quiet" onClick={() => setTheirs(null)}>
              Go on editing
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

function same(left: readonly Span[], right: readonly Span[]): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

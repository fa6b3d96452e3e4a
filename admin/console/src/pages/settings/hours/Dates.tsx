import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { api, data } from "../../../api/client";
import { allPages } from "../../../api/pages";
import { Button } from "../../../components/Button";
import { Dialog } from "../../../components/Dialog";
import { Field } from "../../../components/Field";
import { Empty, Failure, Stale, Unread } from "../../../components/Notice";
import { useAsking } from "./asking";
import { longDay, today } from "./days";
import { useZone } from "../../../session";
import { shownSpans } from "./spans";
import type { Owner } from "./WeekEditor";
import { SpanRow } from "./WeekGrid";

interface Times {
  opens: string;
  closes: string;
}

/** Dates with other hours than their weekday's. */
export function Dates({ owner }: { owner: Owner }) {
  const zone = useZone();
  const [open, setOpen] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const { ask, question } = useAsking();
  const { data: dates, error } = useQuery({
    queryKey: ["dates", owner],
    queryFn: () =>
      allPages((query) =>
        data(
          api.GET("/api/v1/hours/dates", {
            params: { query: { ...owner, ...query, not_before: today(zone) } },
          }),
        ),
      ),
  });
  if (dates === undefined) return <Unread what="the dates" error={error} />;

  const remove = (day: string) =>
    ask(
      (try_only) =>
        data(
          api.DELETE("/api/v1/hours/dates/{day}", {
            params: { path: { day }, query: { ...owner, try_only } },
          }),
        ),
      () => setFailure(null),
    ).catch(setFailure);

  return (
    <section aria-label="Dates with other hours">
      <h2>Dates with other hours</h2>
      <Stale error={error} />
      <Failure error={failure} />
      {dates.length === 0 && <Empty>No date to come has hours of its own.</Empty>}
      <ul className="things">
        {dates.map((one) => (
          <li key={one.day} className="card thing">
            <div className="thing-text">
              <strong>{longDay(one.day)}</strong>
              <div className="thing-about">{shownSpans(one.hours)}</div>
            </div>
            <Button
              kind="quiet"
              aria-label={`Remove the hours of ${longDay(one.day)}`}
              onClick={() => void remove(one.day)}
            >
              Remove
            </Button>
          </li>
        ))}
      </ul>
      <Button onClick={() => setOpen(true)}>Add a date</Button>
      {open && <NewDate owner={owner} onClose={() => setOpen(false)} />}
      {question}
    </section>
  );
}

function NewDate({ owner, onClose }: { owner: Owner; onClose: () => void }) {
  const zone = useZone();
  const [day, setDay] = useState("");
  const [times, setTimes] = useState<Times[]>([{ opens: "09:00", closes: "12:00" }]);
  const [failure, setFailure] = useState<unknown>(null);
  const [strict, setStrict] = useState(false);
  const { ask, question } = useAsking();

  const save = () => {
    setStrict(true);
    if (day === "" || times.length === 0) return;
    ask(
      (try_only) =>
        data(
          api.PUT("/api/v1/hours/dates/{day}", {
            params: { path: { day }, query: { ...owner, try_only } },
            body: { hours: times },
          }),
        ),
      onClose,
    ).catch(setFailure);
  };

  return (
    <Dialog title="Hours of a date" onClose={onClose}>
      <Failure error={failure} />
      <Field
        label="Date"
        help="It is open at these times, on a public holiday too. To close on a date, add a closure."
        error={strict && day === "" ? "Choose a date." : undefined}
      >
        <input
          type="date"
          min={today(zone)}
          value={day}
          onChange={(event) => setDay(event.target.value)}
        />
      </Field>
      {times.map((one, at) => (
        <SpanRow
          key={at}
          day="Time"
          number={at + 1}
          span={one}
          error={undefined}
          onChange={(next) => setTimes(times.with(at, { ...one, ...next }))}
          onRemove={() => setTimes(times.toSpliced(at, 1))}
        />
      ))}
      <Button
        kind="quiet"
        onClick={() => setTimes([...times, { opens: "13:00", closes: "17:00" }])}
      >
        + Time
      </Button>
      <div className="actions">
        <Button kind="main" onClick={save}>
          Save
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
      {question}
    </Dialog>
  );
}

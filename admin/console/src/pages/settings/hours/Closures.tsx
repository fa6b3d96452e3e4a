import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { api, data, type Schemas } from "../../../api/client";
import { allPages } from "../../../api/pages";
import { Button } from "../../../components/Button";
import { Empty, Failure, Stale, Unread } from "../../../components/Notice";
import { EntityDialog } from "../form/EntityDialog";
import { useDocument } from "../form/schema";
import type { FieldShape } from "../form/SchemaField";
import { toCreate } from "../form/values";
import { useChanged } from "../lists";
import { useAsking } from "./asking";
import { longDay, today } from "./days";
import { useZone } from "../../../session";
import type { Owner } from "./WeekEditor";

type Closure = Schemas["Closure"];

const FIELDS: readonly FieldShape[] = [
  { name: "first_day", label: "First day", kind: "date" },
  { name: "last_day", label: "Last day", kind: "date" },
  {
    name: "from_time",
    label: "From",
    kind: "time",
    help: "Leave both times empty for whole days.",
  },
  { name: "until_time", label: "Until", kind: "time" },
  { name: "reason", label: "Reason", help: "For your own records." },
];
const BLANK = { first_day: "", last_day: null, from_time: null, until_time: null, reason: "" };

/** Days off: of everybody, of a place or of a person. */
export function Closures({ owner, title }: { owner: Owner; title: string }) {
  const zone = useZone();
  const changed = useChanged("closures");
  const { data: document } = useDocument();
  const [open, setOpen] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const { ask, question } = useAsking();
  const { data: closures, error } = useQuery({
    queryKey: ["closures", owner],
    queryFn: () =>
      allPages((query) =>
        data(
          api.GET("/api/v1/closures", {
            params: { query: { ...owner, ...query, not_before: today(zone) } },
          }),
        ),
      ),
  });
  if (closures === undefined || document === undefined) {
    return <Unread what="the closures" error={error} />;
  }
  const own = closures
    .filter((one) => isOf(one, owner))
    .toSorted((a, b) => a.first_day.localeCompare(b.first_day));

  const remove = (id: string) =>
    data(api.DELETE("/api/v1/closures/{closure_id}", { params: { path: { closure_id: id } } }))
      .then(changed)
      .catch(setFailure);

  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <Stale error={error} />
      <Failure error={failure} />
      {own.length === 0 && <Empty>None to come.</Empty>}
      <ul className="things">
        {own.map((one) => (
          <li key={one.id} className="card thing">
            <div className="thing-text">
              <strong>{daysOf(one)}</strong>
              <div className="thing-about">{one.reason}</div>
            </div>
            <Button
              kind="quiet"
              aria-label={`Remove ${daysOf(one)}`}
              onClick={() => void remove(one.id)}
            >
              Remove
            </Button>
          </li>
        ))}
      </ul>
      <Button onClick={() => setOpen(true)}>Add days off</Button>
      {open && (
        <EntityDialog
          title="Days off"
          schema="NewClosure"
          fields={FIELDS}
          first={BLANK}
          submit="Add"
          onClose={() => setOpen(false)}
          onSubmit={(values) => {
            const body = { ...toCreate(document, "NewClosure", values), ...owner };
            return ask(
              (try_only) =>
                data(
                  api.POST("/api/v1/closures", {
                    params: { query: { try_only } },
                    body: body as Schemas["NewClosure"],
                  }),
                ),
              () => setFailure(null),
            );
          }}
        />
      )}
      {question}
    </section>
  );
}

function isOf(closure: Closure, owner: Owner): boolean {
  return (
    closure.person_id === (owner.person_id ?? null) && closure.place_id === (owner.place_id ?? null)
  );
}

function daysOf(one: Closure): string {
  const days =
    one.first_day === one.last_day
      ? longDay(one.first_day)
      : `${longDay(one.first_day)} – ${longDay(one.last_day)}`;
  return one.from_time === null ? days : `${days}, ${one.from_time}–${one.until_time}`;
}

import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { api, data, type Schemas } from "../../../api/client";
import { Button } from "../../../components/Button";
import { Empty, Failure, Loading } from "../../../components/Notice";
import { clock } from "../../../components/time";
import { Confirm } from "../form/Confirm";
import { EntityDialog } from "../form/EntityDialog";
import { useDocument } from "../form/schema";
import type { FieldShape } from "../form/SchemaField";
import { toCreate } from "../form/values";
import { longDay, mondayOf, plusDays, today } from "../hours/days";
import { useZone } from "../../../session";
import { nameIn, optionsOf, useChanged, useDepartments, usePeople } from "../lists";

type Occurrence = Schemas["ShiftOccurrence"];

/** Who is on call, a week at a time. */
export function RotaWeek() {
  const zone = useZone();
  const [monday, setMonday] = useState(() => mondayOf(today(zone)));
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Occurrence | null>(null);
  const { data: departments } = useDepartments();
  const { data: people } = usePeople();
  const changed = useChanged("occurrences");
  const last = plusDays(monday, 6);
  const { data: shifts, error } = useQuery({
    queryKey: ["occurrences", monday],
    queryFn: async () =>
      (
        await data(
          api.GET("/api/v1/rota/occurrences", {
            params: { query: { first_day: monday, last_day: last } },
          }),
        )
      ).items,
  });
  return (
    <section className="rota" aria-label="Rota">
      <h2>Rota: who is on call</h2>
      <div className="rota-tools">
        <Button aria-label="The week before" onClick={() => setMonday(plusDays(monday, -7))}>
          ←
        </Button>
        <strong aria-live="polite">
          {longDay(monday)} – {longDay(last)}
        </strong>
        <Button aria-label="The week after" onClick={() => setMonday(plusDays(monday, 7))}>
          →
        </Button>
      </div>
      {error !== null && <Failure error={error} />}
      {shifts === undefined && error === null && <Loading what="the rota" />}
      {shifts?.length === 0 && (
        <Empty>Nobody is on call this week: the members of each department are rung.</Empty>
      )}
      {shifts !== undefined && shifts.length > 0 && (
        <ol className="rota-days">
          {Array.from({ length: 7 }, (_, at) => plusDays(monday, at)).map((day) => (
            <li key={day} className="rota-day">
              <h3>{longDay(day)}</h3>
              {shifts
                .filter((one) => one.day === day)
                .map((one) => (
                  <div
                    key={`${one.shift_id} ${one.begins_at}`}
                    className={`shift ${one.unreachable ? "shift-wrong" : ""}`}
                  >
                    <strong>{nameIn(people, one.person_id)}</strong>
                    <span>
                      {clock(one.begins_at, zone)}–{clock(one.ends_at, zone)}
                    </span>
                    <span>{nameIn(departments, one.department_id)}</span>
                    {one.unreachable && <span className="badge-wrong">no telephone</span>}
                    <button
                      type="button"
                      className="small-button"
                      aria-label={`Remove the shift of ${nameIn(people, one.person_id)} on ${longDay(day)}`}
                      onClick={() => setLeaving(one)}
                    >
                      ×
                    </button>
                  </div>
                ))}
            </li>
          ))}
        </ol>
      )}
      {(departments ?? []).length > 0 && (
        <Button onClick={() => setAdding(true)}>Add a shift</Button>
      )}
      {adding && <NewShift onClose={() => setAdding(false)} day={monday} />}
      {leaving !== null && (
        <Confirm
          title="Remove the shift?"
          yes="Remove"
          danger
          onClose={() => setLeaving(null)}
          run={async () => {
            await data(
              api.DELETE("/api/v1/rota/{shift_id}", {
                params: { path: { shift_id: leaving.shift_id } },
              }),
            );
            await changed();
          }}
        >
          <p>A shift that repeats is removed each time that it comes.</p>
        </Confirm>
      )}
    </section>
  );
}

function NewShift({ day, onClose }: { day: string; onClose: () => void }) {
  const zone = useZone();
  const { data: departments } = useDepartments();
  const { data: people } = usePeople();
  const { data: document } = useDocument();
  const changed = useChanged("occurrences");
  const fields: readonly FieldShape[] = [
    { name: "department_id", label: "Department", options: optionsOf(departments) },
    { name: "person_id", label: "Person", options: optionsOf(people) },
    { name: "day", label: "Day", kind: "date" },
    { name: "begins", label: "From", kind: "time" },
    { name: "ends", label: "Until", kind: "time" },
    { name: "every_weeks", label: "Repeats every", unit: "weeks" },
    { name: "until", label: "Repeats until", kind: "date" },
  ];
  const first = today(zone);
  return (
    <EntityDialog
      title="Add a shift"
      schema="NewShift"
      fields={fields}
      first={{
        department_id: departments?.[0]?.id ?? "",
        person_id: "",
        day: day < first ? first : day,
        begins: "18:00",
        ends: "08:00",
        every_weeks: null,
        until: null,
      }}
      submit="Add"
      onClose={onClose}
      onSubmit={async (values) => {
        if (document === undefined) return;
        await data(
          api.POST("/api/v1/rota", {
            body: toCreate(document, "NewShift", values) as Schemas["NewShift"],
          }),
        );
        await changed();
      }}
    />
  );
}

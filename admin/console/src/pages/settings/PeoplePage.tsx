import { useState } from "react";
import { api, data, type Schemas } from "../../api/client";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { inLine } from "../../words";
import { Collection } from "./form/Collection";
import type { FieldShape } from "./form/SchemaField";
import { Closures } from "./hours/Closures";
import { Stranded } from "./hours/Stranded";
import { WeekEditor, type Owner } from "./hours/WeekEditor";
import { PlacePicker } from "./HoursPage";
import { nameIn, optionsOf, useChanged, usePeople, usePlaces, type Person } from "./lists";

const BLANK = {
  name: "",
  title: "",
  phone: null,
  email: null,
  place_id: null,
  daily_limit: null,
  weekly_limit: null,
};

export function PeoplePage() {
  const { data: people, error } = usePeople();
  const { data: places } = usePlaces();
  const [working, setWorking] = useState<Person | null>(null);
  const [outside, setOutside] = useState<Schemas["Appointment"][]>([]);
  const fields: readonly FieldShape[] = [
    { name: "name", label: "Name", help: "As callers know them." },
    { name: "title", label: "Title" },
    {
      name: "phone",
      label: "Telephone",
      kind: "tel",
      help: "Rung when a caller is handed to them.",
    },
    { name: "email", label: "E-mail", kind: "email" },
    ...((places ?? []).length > 0
      ? [
          {
            name: "place_id",
            label: "Where they work",
            options: [{ value: "", label: "The main address" }, ...optionsOf(places)],
          },
        ]
      : []),
    { name: "daily_limit", label: "Appointments a day" },
    { name: "weekly_limit", label: "Appointments a week" },
  ];
  return (
    <>
      <Collection<Person>
        noun="a person"
        rows={people}
        error={error}
        empty="Nobody yet. Add those who give appointments or take calls."
        nameOf={(row) => row.name}
        about={(row) =>
          inLine(
            row.title,
            row.phone,
            nameIn(places, row.place_id),
            row.active ? "" : "books no more",
          )
        }
        schema="NewPerson"
        laterSchema="PersonChange"
        fields={fields}
        laterFields={[{ name: "active", label: "Gives appointments" }]}
        blank={BLANK}
        valuesOf={(row) => ({ ...row })}
        create={(values) =>
          data(api.POST("/api/v1/people", { body: values as Schemas["NewPerson"] }))
        }
        update={async (row, change) => {
          const changed = await data(
            api.PATCH("/api/v1/people/{person_id}", {
              params: { path: { person_id: row.id } },
              body: change as Schemas["PersonChange"],
            }),
          );
          setOutside(changed.outside_hours);
        }}
        changed={useChanged("people")}
        dimmed={(row) => !row.active}
        actions={(row) => (
          <Button aria-label={`Hours of ${row.name}`} onClick={() => setWorking(row)}>
            Hours
          </Button>
        )}
      />
      {working !== null && <WorkingHours person={working} onClose={() => setWorking(null)} />}
      {outside.length > 0 && (
        <Dialog title="Appointments to move" onClose={() => setOutside([])}>
          <p>The change is saved. These appointments stay booked until you move or cancel them:</p>
          <Stranded appointments={outside} />
          <div className="actions">
            <Button kind="main" onClick={() => setOutside([])}>
              Close
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function WorkingHours({ person, onClose }: { person: Person; onClose: () => void }) {
  const { data: places } = usePlaces();
  const [placeId, setPlaceId] = useState("");
  const owner: Owner = { person_id: person.id, ...(placeId === "" ? {} : { place_id: placeId }) };
  return (
    <Dialog title={`Hours of ${person.name}`} onClose={onClose}>
      {(places ?? []).length > 0 && <PlacePicker placeId={placeId} onPick={setPlaceId} />}
      <WeekEditor
        owner={owner}
        emptyMeans="No hours of their own: they work whenever their place is open."
      />
      <Closures owner={{ person_id: person.id }} title="Days off" />
      <div className="actions">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

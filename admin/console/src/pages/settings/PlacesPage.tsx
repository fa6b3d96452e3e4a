import { api, data, type Schemas } from "../../api/client";
import { inLine } from "../../words";
import { Collection } from "./form/Collection";
import type { FieldShape } from "./form/SchemaField";
import { nameIn, optionsOf, useChanged, usePlaces, useRooms, type Place } from "./lists";

type Room = Schemas["Resource"];

const PLACE_FIELDS: readonly FieldShape[] = [
  { name: "name", label: "Name", help: "As callers know it." },
  { name: "address", label: "Address" },
  { name: "time_zone", label: "Time zone" },
  { name: "country", label: "Country" },
  { name: "subdivision", label: "Part of the country" },
];

export function PlacesPage() {
  const { data: places, error } = usePlaces();
  const { data: rooms, error: roomsError } = useRooms();
  const changed = useChanged("places", "resources", "hours");
  const roomFields: readonly FieldShape[] = [
    { name: "name", label: "Name" },
    {
      name: "place_id",
      label: "Where",
      options: [{ value: "", label: "The main address" }, ...optionsOf(places)],
    },
    { name: "seats", label: "Seats" },
  ];
  return (
    <>
      <section aria-label="Places">
        <p className="page-intro">
          Further addresses. The main address is under Greeting &amp; voice.
        </p>
        <Collection<Place>
          noun="a place"
          rows={places}
          error={error}
          empty="No further places."
          nameOf={(row) => row.name}
          about={(row) => inLine(row.address, row.active ? "" : "closed")}
          schema="NewPlace"
          laterSchema="PlaceChange"
          fields={PLACE_FIELDS}
          laterFields={[{ name: "active", label: "Open" }]}
          blank={{ name: "", address: "", time_zone: null, country: null, subdivision: "" }}
          valuesOf={(row) => ({ ...row })}
          create={(values) =>
            data(api.POST("/api/v1/places", { body: values as Schemas["NewPlace"] }))
          }
          update={(row, change) =>
            data(
              api.PATCH("/api/v1/places/{place_id}", {
                params: { path: { place_id: row.id } },
                body: change as Schemas["PlaceChange"],
              }),
            )
          }
          changed={changed}
          dimmed={(row) => !row.active}
        />
      </section>
      <section aria-label="Rooms">
        <h2>Rooms, chairs and machines</h2>
        <p className="page-intro">
          What appointments need. A service says which rooms it needs one of.
        </p>
        <Collection<Room>
          noun="a room"
          rows={rooms}
          error={roomsError}
          empty="No rooms: appointments need none."
          nameOf={(row) => row.name}
          about={(row) =>
            inLine(
              nameIn(places, row.place_id) || "The main address",
              row.seats === 1 ? "1 seat" : `${row.seats} seats`,
              row.active ? "" : "not in use",
            )
          }
          schema="NewResource"
          laterSchema="ResourceChange"
          fields={roomFields}
          laterFields={[{ name: "active", label: "In use" }]}
          blank={{ name: "", place_id: null, seats: 1 }}
          valuesOf={(row) => ({ ...row })}
          create={(values) =>
            data(api.POST("/api/v1/resources", { body: values as Schemas["NewResource"] }))
          }
          update={(row, change) =>
            data(
              api.PATCH("/api/v1/resources/{resource_id}", {
                params: { path: { resource_id: row.id } },
                body: change as Schemas["ResourceChange"],
              }),
            )
          }
          changed={changed}
          dimmed={(row) => !row.active}
        />
      </section>
    </>
  );
}

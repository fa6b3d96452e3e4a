import { api, data, type Schemas } from "../../api/client";
import { inLine } from "../../words";
import { Collection } from "./form/Collection";
import { words, type FieldShape } from "./form/SchemaField";
import {
  nameIn,
  optionsOf,
  useChanged,
  usePeople,
  useRooms,
  useServices,
  type Service,
} from "./lists";

const BLANK = {
  name: "",
  description: "",
  duration_minutes: 30,
  buffer_before_minutes: 0,
  buffer_after_minutes: 0,
  price: "",
  channel: "in_person",
  capacity: 1,
  new_contacts_only: false,
  daily_limit: null,
  weekly_limit: null,
  minimum_notice_minutes: null,
  person_ids: [],
  room_ids: [],
};

export function ServicesPage() {
  const { data: services, error } = useServices();
  const { data: people } = usePeople();
  const { data: rooms } = useRooms();
  const fields: readonly FieldShape[] = [
    { name: "name", label: "Name", help: "As callers know it." },
    { name: "duration_minutes", label: "Duration", unit: "minutes" },
    { name: "price", label: "Price" },
    { name: "description", label: "Description", kind: "area" },
    { name: "person_ids", label: "People", kind: "choices", options: optionsOf(people) },
    { name: "room_ids", label: "Rooms", kind: "choices", options: optionsOf(rooms) },
    { name: "channel", label: "Where it takes place" },
    { name: "capacity", label: "Capacity", unit: "people" },
    { name: "buffer_before_minutes", label: "Free before", unit: "minutes" },
    { name: "buffer_after_minutes", label: "Free after", unit: "minutes" },
    { name: "new_contacts_only", label: "New contacts only" },
    { name: "daily_limit", label: "A day at most" },
    { name: "weekly_limit", label: "A week at most" },
    { name: "minimum_notice_minutes", label: "Least notice", unit: "minutes" },
  ];
  return (
    <Collection<Service>
      noun="a service"
      rows={services}
      error={error}
      empty="No services yet: callers can't book anything."
      nameOf={(row) => row.name}
      about={(row) =>
        inLine(
          `${row.duration_minutes} minutes`,
          row.price,
          words(row.channel),
          row.person_ids.map((id) => nameIn(people, id)).join(", "),
          row.active ? "" : "not offered any more",
        )
      }
      schema="NewService"
      laterSchema="ServiceChange"
      fields={fields}
      laterFields={[{ name: "active", label: "Offered" }]}
      blank={BLANK}
      valuesOf={(row) => ({ ...row })}
      create={(values) =>
        data(api.POST("/api/v1/services", { body: values as Schemas["NewService"] }))
      }
      update={(row, change) =>
        data(
          api.PATCH("/api/v1/services/{service_id}", {
            params: { path: { service_id: row.id } },
            body: change as Schemas["ServiceChange"],
          }),
        )
      }
      changed={useChanged("services")}
      dimmed={(row) => !row.active}
    />
  );
}

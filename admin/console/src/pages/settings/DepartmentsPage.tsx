import { api, data, type Schemas } from "../../api/client";
import { inLine } from "../../words";
import { Collection } from "./form/Collection";
import { words, type FieldShape } from "./form/SchemaField";
import { wrongSpans, type Span } from "./hours/spans";
import { WeekGrid } from "./hours/WeekGrid";
import { optionsOf, useChanged, useDepartments, usePeople } from "./lists";
import { RotaWeek } from "./rota/RotaWeek";

type Department = Schemas["Department"];

const RING = [
  { value: "in_order", label: "One after the other" },
  { value: "all_at_once", label: "All at once" },
];
const WHEN = [
  { value: "opening", label: "In opening hours" },
  { value: "always", label: "Always" },
  { value: "own", label: "In hours of its own" },
];
const BLANK = {
  name: "",
  description: "",
  position: null,
  phone: null,
  ring: "in_order",
  ring_seconds: 20,
  tries: 1,
  hours: "opening",
  own_hours: [],
  member_ids: [],
};

export function DepartmentsPage() {
  const { data: departments, error } = useDepartments();
  const { data: people } = usePeople();
  const changed = useChanged("departments", "rota", "occurrences");
  const fields: readonly FieldShape[] = [
    { name: "name", label: "Name", help: "As callers and the assistant call it." },
    { name: "description", label: "What it is for", kind: "area", rows: 2 },
    { name: "member_ids", label: "People", kind: "order", options: optionsOf(people) },
    { name: "ring", label: "Who rings", options: RING },
    { name: "ring_seconds", label: "Ring time", unit: "seconds" },
    { name: "tries", label: "Tries" },
    { name: "phone", label: "Telephone", kind: "tel" },
    { name: "position", label: "Position" },
    { name: "hours", label: "When", options: WHEN },
  ];
  return (
    <>
      <p className="page-intro">
        People who take calls together. Who is on the rota is rung instead of them meanwhile.
      </p>
      <Collection<Department>
        noun="a department"
        rows={departments}
        error={error}
        empty="No departments: callers who want a person reach the last resort under Routing."
        nameOf={(row) => row.name}
        about={(row) => <About department={row} />}
        schema="NewDepartment"
        laterSchema="DepartmentChange"
        fields={fields}
        laterFields={[{ name: "active", label: "In use" }]}
        blank={BLANK}
        valuesOf={(row) => ({ ...row, member_ids: row.members.map((one) => one.person_id) })}
        create={(values) =>
          data(api.POST("/api/v1/departments", { body: values as Schemas["NewDepartment"] }))
        }
        update={(row, change) =>
          data(
            api.PATCH("/api/v1/departments/{department_id}", {
              params: { path: { department_id: row.id } },
              // An empty text takes the telephone away; null would leave it.
              body: (change["phone"] === null
                ? { ...change, phone: "" }
                : change) as Schemas["DepartmentChange"],
            }),
          )
        }
        remove={{
          label: "Remove",
          question: () => "Its shifts of the rota are removed as well. Its people stay.",
          run: (row) =>
            data(
              api.DELETE("/api/v1/departments/{department_id}", {
                params: { path: { department_id: row.id } },
              }),
            ),
        }}
        changed={changed}
        dimmed={(row) => !row.active}
        more={(values, set) =>
          values["hours"] === "own" && (
            <section aria-label="Hours of its own">
              <h3>Hours of its own</h3>
              <WeekGrid
                spans={values["own_hours"] as Span[]}
                errors={wrongSpans(values["own_hours"] as Span[])}
                onChange={(spans) => set("own_hours", spans)}
              />
            </section>
          )
        }
      />
      <RotaWeek />
    </>
  );
}

function About({ department }: { department: Department }) {
  const names = department.members.map((one) =>
    one.unreachable ? `${one.name} (no telephone)` : one.name,
  );
  return (
    <>
      {inLine(
        names.join(department.ring === "all_at_once" ? " + " : " → ") ||
          department.phone ||
          "Nobody",
        `${words(department.ring)}, ${department.ring_seconds} s, ${department.tries}×`,
        WHEN.find((one) => one.value === department.hours)?.label,
        department.active ? "" : "not in use",
      )}
    </>
  );
}

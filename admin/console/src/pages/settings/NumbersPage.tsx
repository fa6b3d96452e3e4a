import { api, data, type Schemas } from "../../api/client";
import { useMay } from "../../session";
import { Collection } from "./form/Collection";
import type { FieldShape } from "./form/SchemaField";
import { useChanged, useNumbers } from "./lists";

const FIELDS: readonly FieldShape[] = [
  { name: "e164", label: "Number", kind: "tel" },
  { name: "label", label: "Label" },
];

export function NumbersPage() {
  const owner = useMay()("owner");
  return (
    <>
      <p className="page-intro">
        The numbers that the assistant answers for this business. Your carrier has to send their
        calls here.{!owner && " Only an owner adds and removes numbers."}
      </p>
      <Numbers />
    </>
  );
}

export function Numbers() {
  const owner = useMay()("owner");
  const { data: numbers, error } = useNumbers();
  return (
    <Collection<Schemas["Number"]>
      noun="a number"
      rows={numbers}
      error={error}
      empty="No number yet: nobody can call."
      nameOf={(row) => row.e164}
      about={(row) => row.label}
      schema="NewNumber"
      fields={FIELDS}
      blank={{ e164: "", label: "" }}
      valuesOf={({ e164, label }) => ({ e164, label })}
      create={(values) =>
        data(api.POST("/api/v1/numbers", { body: values as Schemas["NewNumber"] }))
      }
      remove={{
        label: "Remove",
        question: () =>
          "Callers of this number hear that it is not in service. Calls that go on are not ended.",
        run: (row) =>
          data(
            api.DELETE("/api/v1/numbers/{number_id}", { params: { path: { number_id: row.id } } }),
          ),
      }}
      changed={useChanged("numbers")}
      mayAdd={owner}
      mayChange={() => owner}
    />
  );
}

import { useState } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { api, ApiError, data, type Schemas } from "../../api/client";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { Field } from "../../components/Field";
import { Failure, Loading } from "../../components/Notice";

type Kind = "" | "warm" | "cold";
type Target = "department" | "person" | "number";
type Department = Schemas["Department"];
type Person = Schemas["Person"];

/** Hands the caller to a telephone: a department's, a person's, or a number. */
export function TransferDialog({
  callId,
  onSent,
  onClose,
}: {
  callId: string;
  onSent: () => void;
  onClose: () => void;
}) {
  const foundDepartments = useQuery({
    queryKey: ["departments", "active"],
    queryFn: () => data(api.GET("/api/v1/departments", { params: { query: { active: true } } })),
  });
  const foundPeople = useQuery({
    queryKey: ["people", "active"],
    queryFn: () => data(api.GET("/api/v1/people", { params: { query: { active: true } } })),
  });
  const departments = foundDepartments.data?.items;
  const people = foundPeople.data?.items.filter((one) => one.phone !== null);
  const [chosen, setChosen] = useState<Target | null>(null);
  const target = chosen ?? firstTarget(departments, people);
  const [departmentId, setDepartmentId] = useState("");
  const [personId, setPersonId] = useState("");
  const [number, setNumber] = useState("");
  const [kind, setKind] = useState<Kind>("");

  const transfer = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/calls/{call_id}/transfer", {
          params: { path: { call_id: callId } },
          body: {
            kind: kind || null,
            department_id:
              target === "department" ? departmentId || (departments?.[0]?.id ?? null) : null,
            person_id: target === "person" ? personId || (people?.[0]?.id ?? null) : null,
            number: target === "number" ? number.trim() : null,
          },
        }),
      ),
    onSuccess: onSent,
  });
  const fields = transfer.error instanceof ApiError ? transfer.error.fields : new Map();
  const wrong = fields.get("number") ?? fields.get("department_id") ?? fields.get("person_id");

  // What is chosen first depends on both: it must not change while somebody types.
  if (foundDepartments.isPending || foundPeople.isPending) {
    return (
      <Dialog title="Transfer the call" onClose={onClose}>
        <Loading what="who can be rung" />
      </Dialog>
    );
  }
  return (
    <Dialog title="Transfer the call" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          transfer.mutate();
        }}
      >
        {wrong === undefined && <Failure error={transfer.error} />}
        <Targets
          target={target}
          departments={departments ?? []}
          people={people ?? []}
          onChoose={setChosen}
        />
        {target === "department" && (
          <Field label="Department" error={fields.get("department_id")}>
            <select value={departmentId} onChange={(event) => setDepartmentId(event.target.value)}>
              {departments?.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
          </Field>
        )}
        {target === "person" && (
          <Field label="Person" error={fields.get("person_id")}>
            <select value={personId} onChange={(event) => setPersonId(event.target.value)}>
              {people?.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                  {one.title && `, ${one.title}`}
                </option>
              ))}
            </select>
          </Field>
        )}
        {target === "number" && (
          <Field label="Number" help="With the area code." error={fields.get("number")}>
            <input
              type="tel"
              required
              autoComplete="off"
              value={number}
              onChange={(event) => setNumber(event.target.value)}
            />
          </Field>
        )}
        <Field
          label="How"
          help="Warm: they are told of the call first and may decline. Cold: the caller is sent to them at once."
          error={fields.get("kind")}
        >
          <select value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
            <option value="">As the business has set it</option>
            <option value="warm">Warm</option>
            <option value="cold">Cold</option>
          </select>
        </Field>
        <div className="actions">
          <Button kind="main" type="submit" busy={transfer.isPending}>
            Transfer
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}

function Targets({
  target,
  departments,
  people,
  onChoose,
}: {
  target: Target;
  departments: readonly Department[];
  people: readonly Person[];
  onChoose: (target: Target) => void;
}) {
  const targets: readonly (readonly [Target, string, boolean])[] = [
    ["department", "A department", departments.length > 0],
    ["person", "A person", people.length > 0],
    ["number", "A number", true],
  ];
  return (
    <fieldset className="choices choices-row">
      <legend>To</legend>
      {targets.map(([value, label, possible]) => (
        <label key={value}>
          <input
            type="radio"
            name="target"
            checked={target === value}
            disabled={!possible}
            onChange={() => onChoose(value)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

function firstTarget(
  departments: readonly Department[] | undefined,
  people: readonly Person[] | undefined,
): Target {
  if (departments?.length) return "department";
  return people?.length ? "person" : "number";
}

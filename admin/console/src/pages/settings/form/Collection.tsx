import { useState, type ReactNode } from "react";
import { Button } from "../../../components/Button";
import { Empty, Stale, Unread } from "../../../components/Notice";
import { Confirm } from "./Confirm";
import { EntityDialog } from "./EntityDialog";
import { useDocument } from "./schema";
import type { FieldShape } from "./SchemaField";
import { toChange, toCreate, type Values } from "./values";

interface Thing {
  id: string;
}

interface Props<Row extends Thing> {
  /** One of them, as in "Add a service". */
  noun: string;
  rows: readonly Row[] | undefined;
  error: unknown;
  empty: string;
  nameOf: (row: Row) => string;
  about: (row: Row) => ReactNode;
  /** The schema of a new one, and the fields of its form. */
  schema: string;
  fields: readonly FieldShape[];
  /** Fields that only one that is there has. */
  laterFields?: readonly FieldShape[];
  laterSchema?: string;
  blank: Values;
  valuesOf: (row: Row) => Values;
  create: (values: Values) => Promise<unknown>;
  update?: (row: Row, values: Values) => Promise<unknown>;
  remove?: {
    label: string;
    question: (row: Row) => string;
    run: (row: Row) => Promise<unknown>;
  };
  changed: () => Promise<unknown>;
  actions?: (row: Row) => ReactNode;
  dimmed?: (row: Row) => boolean;
  more?: (values: Values, set: (name: string, value: unknown) => void) => ReactNode;
  mayAdd?: boolean;
  mayChange?: (row: Row) => boolean;
}

/** A list of things of one kind, each of which can be added, changed and taken away. */
export function Collection<Row extends Thing>(props: Props<Row>) {
  const { noun, rows, error, nameOf, schema, changed, remove } = props;
  const { data: document } = useDocument();
  const [open, setOpen] = useState<Row | "new" | null>(null);
  const [leaving, setLeaving] = useState<Row | null>(null);
  if (rows === undefined || document === undefined) {
    return <Unread what="the list" error={error} />;
  }
  const later = props.laterSchema ?? schema;
  return (
    <>
      <Stale error={error} />
      {rows.length === 0 && <Empty>{props.empty}</Empty>}
      <ul className="things">
        {rows.map((row) => (
          <li key={row.id} className={`card thing ${props.dimmed?.(row) ? "thing-off" : ""}`}>
            <div className="thing-text">
              <strong>{nameOf(row)}</strong>
              <div className="thing-about">{props.about(row)}</div>
            </div>
            <div className="thing-actions">
              {props.actions?.(row)}
              {props.update !== undefined && (props.mayChange?.(row) ?? true) && (
                <Button aria-label={`Change ${nameOf(row)}`} onClick={() => setOpen(row)}>
                  Change
                </Button>
              )}
              {remove !== undefined && (props.mayChange?.(row) ?? true) && (
                <Button
                  kind="quiet"
                  aria-label={`${remove.label} ${nameOf(row)}`}
                  onClick={() => setLeaving(row)}
                >
                  {remove.label}
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
      {props.mayAdd !== false && (
        <Button kind="main" onClick={() => setOpen("new")}>
          Add {noun}
        </Button>
      )}
      {open === "new" && (
        <EntityDialog
          title={`Add ${noun}`}
          schema={schema}
          fields={props.fields}
          first={props.blank}
          submit="Add"
          {...(props.more === undefined ? {} : { more: props.more })}
          onClose={() => setOpen(null)}
          onSubmit={async (values) => {
            await props.create(toCreate(document, schema, values));
            await changed();
          }}
        />
      )}
      {open !== null && open !== "new" && (
        <EntityDialog
          title={`Change ${nameOf(open)}`}
          schema={later}
          fields={[...props.fields, ...(props.laterFields ?? [])].filter(
            (one) => one.name in (document.components.schemas[later]?.properties ?? {}),
          )}
          first={props.valuesOf(open)}
          submit="Save"
          {...(props.more === undefined ? {} : { more: props.more })}
          onClose={() => setOpen(null)}
          onSubmit={async (values) => {
            const change = toChange(props.valuesOf(open), values);
            if (Object.keys(change).length > 0) await props.update?.(open, change);
            await changed();
          }}
        />
      )}
      {leaving !== null && remove !== undefined && (
        <Confirm
          title={`${remove.label} ${nameOf(leaving)}?`}
          yes={remove.label}
          danger
          onClose={() => setLeaving(null)}
          run={async () => {
            await remove.run(leaving);
            await changed();
          }}
        >
          <p>{remove.question(leaving)}</p>
        </Confirm>
      )}
    </>
  );
}

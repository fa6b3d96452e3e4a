import { useEffect, useId, useState, type ReactNode } from "react";
import { Field } from "../../../components/Field";
import { capital, spaced } from "../../../words";
import { fieldOf, helpOf, useDocument, wrong, type FieldSchema } from "./schema";

export interface Option {
  value: string;
  label: string;
}

export interface FieldShape {
  /** The dotted path in the schema, and in the API's errors. */
  name: string;
  label: string;
  /** `area`: several lines; `choices`: any of the options; `order`: chosen ones in an order. */
  kind?: "area" | "choices" | "order" | "password" | "date" | "time" | "email" | "tel" | "url";
  options?: readonly Option[];
  unit?: string;
  /** Rather than the API's own words, where those are for programs. */
  help?: string;
  rows?: number;
  autoComplete?: string;
}

interface Props extends FieldShape {
  schema: string;
  value: unknown;
  onChange: (value: unknown) => void;
  /** What the API said of it. */
  error?: string | undefined;
  /** Whether to show what is missing, though nobody has been here yet. */
  strict?: boolean;
  disabled?: boolean;
  children?: ReactNode;
}

/** A field that the API's document describes, and that refuses in place what the API would refuse. */
export function SchemaField(props: Props) {
  const { data: document } = useDocument();
  const [left, setLeft] = useState(false);
  useEffect(() => setLeft(false), [props.name]);
  if (document === undefined) return null;
  const schema = fieldOf(document, props.schema, props.name);
  const problem = wrong(schema, props.value);
  const shown = props.error ?? (left || props.strict === true ? problem : undefined);
  const help = props.help ?? helpOf(schema);
  const whole = { ...props, help, shown, field: schema };
  return (
    <div className="schema-field" onBlur={() => setLeft(true)}>
      {schema.type === "boolean" ? (
        <Tick {...whole} />
      ) : props.kind === "choices" ? (
        <Choices {...whole} />
      ) : props.kind === "order" ? (
        <Order {...whole} />
      ) : (
        <Field label={props.label} help={help || undefined} error={shown}>
          <Control {...whole} />
        </Field>
      )}
      {props.children}
    </div>
  );
}

interface Drawn extends Props {
  help: string;
  shown: string | undefined;
  field: FieldSchema;
}

/** What `Field` gives to the control in it. */
interface Labelled {
  id?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: boolean;
}

function Control(props: Drawn & Labelled) {
  const { value, onChange, field, options, kind, unit, rows, disabled } = props;
  const given = {
    id: props.id,
    "aria-describedby": props["aria-describedby"],
    "aria-invalid": props["aria-invalid"],
    disabled,
    autoComplete: props.autoComplete ?? "off",
  };
  const choices = options ?? field.enum?.map((one) => ({ value: one, label: words(one) }));
  const text = value === null || value === undefined ? "" : String(value);
  if (choices !== undefined) {
    return (
      <select
        {...given}
        value={text}
        onChange={(event) => onChange(event.target.value || empty(field))}
      >
        {(field.nullable || text === "") && !choices.some((one) => one.value === "") && (
          <option value="">{field.nullable ? "—" : "Choose…"}</option>
        )}
        {choices.map((one) => (
          <option key={one.value} value={one.value}>
            {one.label}
          </option>
        ))}
      </select>
    );
  }
  if (kind === "area") {
    return (
      <textarea
        {...given}
        rows={rows ?? 4}
        value={text}
        onChange={(event) => onChange(event.target.value)}
      />
    );
  }
  if (field.type === "integer" || field.type === "number") {
    return <NumberInput {...given} field={field} unit={unit} value={value} onChange={onChange} />;
  }
  return (
    <input
      {...given}
      type={kind ?? "text"}
      value={text}
      placeholder={exampleOf(field)}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function NumberInput({
  field,
  unit,
  value,
  onChange,
  ...given
}: {
  field: FieldSchema;
  unit: string | undefined;
  value: unknown;
  onChange: (value: unknown) => void;
  disabled: boolean | undefined;
}) {
  return (
    <span className="with-unit">
      <input
        {...given}
        type="number"
        inputMode="decimal"
        step={field.type === "integer" ? 1 : "any"}
        min={field.minimum}
        max={field.maximum}
        value={value === null || value === undefined ? "" : String(value)}
        onChange={({ target }) =>
          onChange(target.value === "" ? empty(field) : Number(target.value))
        }
      />
      {unit !== undefined && <span aria-hidden="true">{unit}</span>}
    </span>
  );
}

function Tick({ label, help, value, onChange, shown, disabled }: Drawn) {
  const id = useId();
  return (
    <div className="field tick">
      <input
        id={id}
        type="checkbox"
        checked={value === true}
        disabled={disabled}
        aria-describedby={help ? `${id}-help` : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {help && (
          <p id={`${id}-help`} className="field-help">
            {help}
          </p>
        )}
        {shown && (
          <p className="field-error" role="alert">
            {shown}
          </p>
        )}
      </div>
    </div>
  );
}

function Choices({ label, help, value, onChange, options, shown, disabled }: Drawn) {
  const chosen = listOf(value);
  return (
    <fieldset className="field choices" disabled={disabled}>
      <legend>{label}</legend>
      {help && <p className="field-help">{help}</p>}
      {(options ?? []).map((one) => (
        <label key={one.value} className="choice">
          <input
            type="checkbox"
            checked={chosen.includes(one.value)}
            onChange={(event) =>
              onChange(
                event.target.checked
                  ? [...chosen, one.value]
                  : chosen.filter((other) => other !== one.value),
              )
            }
          />
          {one.label}
        </label>
      ))}
      {(options ?? []).length === 0 && <p className="field-help">There are none yet.</p>}
      {shown && (
        <p className="field-error" role="alert">
          {shown}
        </p>
      )}
    </fieldset>
  );
}

function Order({ label, help, value, onChange, options, shown }: Drawn) {
  const id = useId();
  const chosen = listOf(value);
  const all = options ?? [];
  const nameOf = (one: string) => all.find((option) => option.value === one)?.label ?? one;
  const rest = all.filter((option) => !chosen.includes(option.value));
  const move = (at: number, by: number) => {
    const next = [...chosen];
    const [one] = next.splice(at, 1);
    if (one !== undefined) next.splice(at + by, 0, one);
    onChange(next);
  };
  return (
    <fieldset className="field choices">
      <legend>{label}</legend>
      {help && <p className="field-help">{help}</p>}
      <ol className="order">
        {chosen.map((one, at) => (
          <li key={one}>
            <span>{nameOf(one)}</span>
            <button
              type="button"
              className="small-button"
              aria-label={`Move ${nameOf(one)} up`}
              disabled={at === 0}
              onClick={() => move(at, -1)}
            >
              ↑
            </button>
            <button
              type="button"
              className="small-button"
              aria-label={`Move ${nameOf(one)} down`}
              disabled={at === chosen.length - 1}
              onClick={() => move(at, 1)}
            >
              ↓
            </button>
            <button
              type="button"
              className="small-button"
              aria-label={`Remove ${nameOf(one)}`}
              onClick={() => onChange(chosen.filter((other) => other !== one))}
            >
              ×
            </button>
          </li>
        ))}
      </ol>
      {rest.length > 0 && (
        <>
          <label htmlFor={id} className="visually-hidden">
            Add to {label}
          </label>
          <select
            id={id}
            value=""
            onChange={(event) => event.target.value && onChange([...chosen, event.target.value])}
          >
            <option value="">Add…</option>
            {rest.map((one) => (
              <option key={one.value} value={one.value}>
                {one.label}
              </option>
            ))}
          </select>
        </>
      )}
      {shown && (
        <p className="field-error" role="alert">
          {shown}
        </p>
      )}
    </fieldset>
  );
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function empty(field: FieldSchema): null | "" {
  return field.nullable ? null : "";
}

function exampleOf(field: FieldSchema): string | undefined {
  const example = field.examples?.[0];
  return typeof example === "string" ? `e.g. ${example}` : undefined;
}

/** `in_person` → `In person`; languages by their names. */
export function words(value: string): string {
  if (/^[a-z]{2}-[A-Z]{2}$/.test(value)) {
    return new Intl.DisplayNames(undefined, { type: "language" }).of(value) ?? value;
  }
  return capital(spaced(value));
}

import { useRef, useState, type FormEvent, type ReactNode } from "react";
import { ApiError } from "../../../api/client";
import { Button } from "../../../components/Button";
import { Dialog } from "../../../components/Dialog";
import { Failure } from "../../../components/Notice";
import { useDocument } from "./schema";
import { SchemaField, type FieldShape } from "./SchemaField";
import { same, wrongNames, type Values } from "./values";

interface Props {
  title: string;
  schema: string;
  fields: readonly FieldShape[];
  first: Values;
  submit: string;
  onSubmit: (values: Values) => Promise<unknown>;
  onClose: () => void;
  /** More to fill in, which `values` hold as well. */
  more?: (values: Values, set: (name: string, value: unknown) => void) => ReactNode;
}

/** A form in a dialog, for adding or changing one thing. */
export function EntityDialog(props: Props) {
  const { title, schema, fields, first, submit, onSubmit, onClose, more } = props;
  const { data: document } = useDocument();
  const [values, setValues] = useState<Values>(first);
  const [strict, setStrict] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const form = useRef<HTMLFormElement>(null);
  const named = fields.map((one) => one.name);
  const said = failure instanceof ApiError ? failure.fields : new Map<string, string>();

  const set = (name: string, value: unknown) => setValues((now) => ({ ...now, [name]: value }));

  async function send(event: FormEvent) {
    event.preventDefault();
    if (document === undefined) return;
    setStrict(true);
    if (wrongNames(document, schema, named, values).length > 0) {
      requestAnimationFrame(() =>
        form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus(),
      );
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      await onSubmit(values);
      onClose();
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  }

  function close() {
    const changed = Object.keys(values).some((name) => !same(values[name], first[name]));
    if (!changed || window.confirm("Leave without saving?")) onClose();
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <form ref={form} noValidate onSubmit={(event) => void send(event)}>
        {failure !== null && !named.some((name) => said.has(name)) && <Failure error={failure} />}
        {fields.map((one) => (
          <SchemaField
            key={one.name}
            {...one}
            schema={schema}
            value={values[one.name]}
            error={said.get(one.name)}
            strict={strict}
            onChange={(value) => set(one.name, value)}
          />
        ))}
        {more?.(values, set)}
        <div className="actions">
          <Button kind="main" type="submit" busy={busy}>
            {submit}
          </Button>
          <Button onClick={close}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}

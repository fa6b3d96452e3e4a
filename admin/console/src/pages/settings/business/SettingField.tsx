import type { ReactNode } from "react";
import { SchemaField, type FieldShape } from "../form/SchemaField";
import { useDraft } from "./draft";

/** A field of the business's settings. */
export function SettingField({ children, ...shape }: FieldShape & { children?: ReactNode }) {
  const draft = useDraft();
  return (
    <SchemaField
      {...shape}
      schema="BusinessSettings"
      value={draft.get(shape.name)}
      error={draft.errorOf(shape.name)}
      strict={draft.strict}
      onChange={(value) => draft.set(shape.name, value)}
    >
      {children}
    </SchemaField>
  );
}

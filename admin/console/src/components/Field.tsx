import { useId, type ReactElement, cloneElement } from "react";

interface Control {
  id?: string;
  "aria-describedby"?: string | undefined;
  "aria-invalid"?: boolean;
}

/** A labelled control: what it does, and in its place what is wrong with it. */
export function Field({
  label,
  help,
  error,
  children,
}: {
  label: string;
  help?: string | undefined;
  error?: string | undefined;
  children: ReactElement<Control>;
}) {
  const id = useId();
  const described = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={`field ${error ? "field-wrong" : ""}`}>
      <label htmlFor={id}>{label}</label>
      {help && (
        <p id={`${id}-help`} className="field-help">
          {help}
        </p>
      )}
      {cloneElement(children, {
        id,
        "aria-describedby": described || undefined,
        "aria-invalid": Boolean(error),
      })}
      {error && (
        <p id={`${id}-error`} className="field-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

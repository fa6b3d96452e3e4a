/** Values of a form as the API takes them. */
import { fieldOf, wrong, type ApiDocument } from "./schema";

export type Values = Readonly<Record<string, unknown>>;

/** What a new thing is sent as: an empty text where the API knows null is null. */
export function toCreate(document: ApiDocument, schema: string, values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const blank = typeof value === "string" && value.trim() === "";
      return [name, blank && fieldOf(document, schema, name).nullable ? null : value];
    }),
  );
}

/** Of a changed thing only what differs: what somebody else changed meanwhile stays. */
export function toChange(before: Values, after: Values): Values {
  return Object.fromEntries(
    Object.entries(after).filter(([name, value]) => !same(before[name], value)),
  );
}

export function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left ?? null) === JSON.stringify(right ?? null);
}

/** The names of the values that the schema refuses. */
export function wrongNames(
  document: ApiDocument,
  schema: string,
  names: readonly string[],
  values: Values,
): string[] {
  return names.filter((name) => wrong(fieldOf(document, schema, name), values[name]) !== undefined);
}

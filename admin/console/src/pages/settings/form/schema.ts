/** The API's own description of a value: what it does, and what it may be. */
import { useQuery } from "@tanstack/react-query";

export interface Schema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: readonly string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  examples?: readonly unknown[];
  anyOf?: readonly Schema[];
  items?: Schema;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  $ref?: string;
}

export interface ApiDocument {
  components: { schemas: Readonly<Record<string, Schema>> };
}

export interface FieldSchema extends Schema {
  nullable: boolean;
  required_: boolean;
}

const DOCUMENT = "/api/docs/openapi.json";

/** The document is the server's own, so that the pages say and check what this very server does. */
export function useDocument() {
  return useQuery({
    queryKey: ["openapi"],
    staleTime: Infinity,
    gcTime: Infinity,
    queryFn: async (): Promise<ApiDocument> => {
      const answer = await fetch(DOCUMENT);
      if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
      return (await answer.json()) as ApiDocument;
    },
  });
}

/** The field at a dotted path (`limits.maximum_seconds`) of a named schema. */
export function fieldOf(document: ApiDocument, name: string, path: string): FieldSchema {
  let schema = resolved(document, { $ref: `#/components/schemas/${name}` });
  let required = false;
  for (const part of path.split(".")) {
    const next = /^\d+$/.test(part) ? schema.items : schema.properties?.[part];
    if (next === undefined) throw new Error(`the API has no ${name}.${path}`);
    required = schema.required?.includes(part) ?? false;
    schema = resolved(document, next);
  }
  return { nullable: false, ...schema, required_: required } as FieldSchema;
}

function resolved(document: ApiDocument, schema: Schema): Schema & { nullable?: boolean } {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
    const target = document.components.schemas[name];
    if (target === undefined) throw new Error(`the API has no ${name}`);
    const { $ref: _, ...own } = schema;
    return resolved(document, { ...target, ...own });
  }
  const others = schema.anyOf?.filter((one) => one.type !== "null");
  if (schema.anyOf !== undefined && others?.length === 1) {
    const { anyOf: _, ...own } = schema;
    const nullable = others.length < schema.anyOf.length;
    return { ...resolved(document, { ...others[0], ...own }), nullable };
  }
  return schema;
}

/** What the field does, in words for who fills it in. */
export function helpOf(schema: Schema): string {
  return (schema.description ?? "")
    .replace(/`([^`]*)`/g, (_, name: string) => name.replaceAll("_", " "))
    .replace(/\s+/g, " ")
    .replace(/\bFalse:/g, "Unticked:")
    .replace(/\bTrue:/g, "Ticked:")
    .replaceAll("Null:", "Empty:")
    .replaceAll("null:", "empty:")
    .trim();
}

/** What is wrong with a value, as far as the schema says; undefined: nothing. */
export function wrong(schema: FieldSchema, value: unknown): string | undefined {
  if (value === null || value === undefined || (value === "" && schema.nullable)) {
    return schema.nullable || !schema.required_ ? undefined : "Fill this in.";
  }
  if (typeof value === "string") return wrongText(schema, value);
  if (typeof value === "number") return wrongNumber(schema, value);
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) return `Choose ${schema.minItems} or more.`;
    if (schema.maxItems !== undefined && value.length > schema.maxItems) {
      return `At most ${schema.maxItems}.`;
    }
  }
  return undefined;
}

function wrongText(schema: FieldSchema, value: string): string | undefined {
  if (schema.type === "integer" || schema.type === "number") return "Enter a number.";
  const length = [...value].length;
  const blank = value.trim() === "";
  if (blank && (schema.minLength ?? 0) > 0) return "Fill this in.";
  if (length < (schema.minLength ?? 0)) return `At least ${schema.minLength} characters.`;
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    return `At most ${schema.maxLength} characters; there are ${length}.`;
  }
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value)) {
    return wrongForm(schema);
  }
  return undefined;
}

function wrongForm(schema: FieldSchema): string {
  if (schema.pattern?.startsWith("^(\\+[1-9]") ?? false) {
    return "A number with its country code, such as +12025550111.";
  }
  if (schema.pattern?.includes("https?://") ?? false)
    return "An address that begins with https://.";
  const example = schema.examples?.[0];
  return example === undefined
    ? "This has characters that are not allowed here."
    : `This is not as expected; such as ${String(example)}.`;
}

function wrongNumber(schema: FieldSchema, value: number): string | undefined {
  if (!Number.isFinite(value)) return "Enter a number.";
  if (schema.type === "integer" && !Number.isInteger(value)) return "Enter a whole number.";
  const { minimum, maximum } = schema;
  const below = minimum !== undefined && value < minimum;
  const above = maximum !== undefined && value > maximum;
  if (!below && !above) return undefined;
  if (minimum !== undefined && maximum !== undefined) return `Between ${minimum} and ${maximum}.`;
  return below ? `At least ${minimum}.` : `At most ${maximum}.`;
}

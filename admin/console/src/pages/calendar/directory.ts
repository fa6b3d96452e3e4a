/** The people, services and places of the business, by id, those that are no longer active too. */
import { useQuery } from "@tanstack/react-query";
import { api, data, type Schemas } from "../../api/client";

export type Person = Schemas["Person"];
export type Service = Schemas["Service"];
export type Place = Schemas["Place"];

export interface Directory {
  people: Person[];
  services: Service[];
  places: Place[];
}

const LONG = { limit: 200 };
const FRESH = 60_000;

export function useDirectory() {
  return useQuery({ queryKey: ["directory"], queryFn: read, staleTime: FRESH });
}

async function read(): Promise<Directory> {
  const [people, services, places] = await Promise.all([
    everyPage((cursor) => data(api.GET("/api/v1/people", at(cursor)))),
    everyPage((cursor) => data(api.GET("/api/v1/services", at(cursor)))),
    everyPage((cursor) => data(api.GET("/api/v1/places", at(cursor)))),
  ]);
  return { people, services, places };
}

function at(cursor: string | null) {
  return { params: { query: { ...LONG, ...(cursor !== null && { cursor }) } } };
}

/** The items of all pages of a list. */
export async function everyPage<T>(
  read: (cursor: string | null) => Promise<{ items: T[]; next?: string | null }>,
): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: T[]; next?: string | null } = await read(cursor);
    found.push(...page.items);
    cursor = page.next ?? null;
  } while (cursor !== null);
  return found;
}

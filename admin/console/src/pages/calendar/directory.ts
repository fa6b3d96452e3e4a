/** The people, services and places of the business, by id, those that are no longer active too. */
import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "../../api/client";
import { readPeople, readPlaces, readServices } from "../../api/lists";

export type Person = Schemas["Person"];
export type Service = Schemas["Service"];
export type Place = Schemas["Place"];

export interface Directory {
  people: Person[];
  services: Service[];
  places: Place[];
}

const FRESH = 60_000;

export function useDirectory() {
  return useQuery({ queryKey: ["directory"], queryFn: read, staleTime: FRESH });
}

async function read(): Promise<Directory> {
  const [people, services, places] = await Promise.all([
    readPeople(),
    readServices(),
    readPlaces(),
  ]);
  return { people, services, places };
}

/** The people, services and places of the business, by id, those that are no longer active too. */
import { useQuery } from "@tanstack/react-query";
import { api, data, type Schemas } from "../../api/client";
import { allPages } from "../../api/pages";

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
    allPages((query) => data(api.GET("/api/v1/people", { params: { query } }))),
    allPages((query) => data(api.GET("/api/v1/services", { params: { query } }))),
    allPages((query) => data(api.GET("/api/v1/places", { params: { query } }))),
  ]);
  return { people, services, places };
}

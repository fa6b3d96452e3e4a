/** The lists of the business's things that several pages show or choose from. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data, type Schemas } from "../../api/client";
import { readPeople, readPlaces, readServices } from "../../api/lists";
import { allPages } from "../../api/pages";
import type { Option } from "./form/SchemaField";

export const usePeople = () => useQuery({ queryKey: ["people"], queryFn: readPeople });

export const useServices = () => useQuery({ queryKey: ["services"], queryFn: readServices });

export const usePlaces = () => useQuery({ queryKey: ["places"], queryFn: readPlaces });

export const useRooms = () =>
  useQuery({
    queryKey: ["resources"],
    queryFn: () => allPages((query) => data(api.GET("/api/v1/resources", { params: { query } }))),
  });

export const useKnowledge = () =>
  useQuery({
    queryKey: ["knowledge"],
    queryFn: () => allPages((query) => data(api.GET("/api/v1/knowledge", { params: { query } }))),
  });

export const useNumbers = () =>
  useQuery({
    queryKey: ["numbers"],
    queryFn: async () => (await data(api.GET("/api/v1/numbers"))).items,
  });

export const useDepartments = () =>
  useQuery({
    queryKey: ["departments"],
    queryFn: async () => (await data(api.GET("/api/v1/departments"))).items,
  });

/** Says that a list is not as it was. */
export function useChanged(...keys: string[]): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] })));
  };
}

interface Named {
  id: string;
  name: string;
  active?: boolean;
}

/** The active ones, and those of the others that are chosen already. */
export function optionsOf(
  things: readonly Named[] | undefined,
  chosen: readonly string[] = [],
): Option[] {
  return (things ?? [])
    .filter((one) => one.active !== false || chosen.includes(one.id))
    .map((one) => ({ value: one.id, label: one.name }));
}

export function nameIn(things: readonly Named[] | undefined, id: string | null): string {
  return things?.find((one) => one.id === id)?.name ?? "";
}

export type Person = Schemas["Person"];
export type Service = Schemas["Service"];
export type Place = Schemas["Place"];

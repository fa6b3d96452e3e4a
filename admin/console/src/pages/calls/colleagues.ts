import { useQuery } from "@tanstack/react-query";
import { api, data } from "../../api/client";
import { allPages } from "../../api/pages";

const FRESH_MS = 60_000;

/** The names of the business's users, by their ids; empty as long as they are not known. */
export function useColleagues(): ReadonlyMap<string, string> {
  const { data: users } = useQuery({
    queryKey: ["users", "names"],
    queryFn: () => allPages((query) => data(api.GET("/api/v1/users/names", { params: { query } }))),
    select: byId,
    staleTime: FRESH_MS,
  });
  return users ?? NOBODY;
}

const NOBODY: ReadonlyMap<string, string> = new Map();

export function byId(
  items: readonly { id: string; name: string }[] = [],
): ReadonlyMap<string, string> {
  return new Map(items.map((one) => [one.id, one.name]));
}

import { useMemo } from "react";
import { useQuery } from "@tanstack/react-query";
import { api, data } from "../../api/client";
import { useSession } from "../../session";
import { everyPage, useDirectory } from "../calendar/directory";
import type { Names } from "./words";

const FRESH = 300_000;

/** What the ids in a call's events stand for. */
export function useNames(): Names {
  const { user, business } = useSession();
  const { data: directory } = useDirectory();
  const { data: departments } = useQuery({
    queryKey: ["departments", "all"],
    queryFn: () => data(api.GET("/api/v1/departments")),
    staleTime: FRESH,
  });
  const { data: users } = useQuery({
    queryKey: ["users", "all names"],
    queryFn: () =>
      everyPage((cursor) =>
        data(
          api.GET("/api/v1/users/names", {
            params: { query: { limit: 200, ...(cursor !== null && { cursor }) } },
          }),
        ),
      ),
    staleTime: FRESH,
  });
  return useMemo(() => {
    const people = byId(directory?.people);
    const services = byId(directory?.services);
    const named = byId(departments?.items);
    const colleagues = byId(users);
    return {
      zone: business?.time_zone ?? "UTC",
      person: (id) => people.get(id),
      service: (id) => services.get(id),
      department: (id) => named.get(id),
      user: (id) => (id === user.id ? "You" : colleagues.get(id)),
    };
  }, [directory, departments, users, user.id, business?.time_zone]);
}

function byId(items: readonly { id: string; name: string }[] = []): ReadonlyMap<string, string> {
  return new Map(items.map((one) => [one.id, one.name]));
}

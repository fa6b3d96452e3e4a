import { useMemo } from "react";
import { useQuery } from "@tanstack/react-query";
import { api, data } from "../../api/client";
import { useSession, useZone } from "../../session";
import { useDirectory } from "../calendar/directory";
import { byId, useColleagues } from "./colleagues";
import type { Names } from "./words";

const FRESH = 300_000;

/** What the ids in a call's events stand for. */
export function useNames(): Names {
  const { user } = useSession();
  const { data: directory } = useDirectory();
  const { data: departments } = useQuery({
    queryKey: ["departments", "all"],
    queryFn: () => data(api.GET("/api/v1/departments")),
    staleTime: FRESH,
  });
  const colleagues = useColleagues();
  const zone = useZone();
  return useMemo(() => {
    const people = byId(directory?.people);
    const services = byId(directory?.services);
    const named = byId(departments?.items);
    return {
      zone,
      person: (id) => people.get(id),
      service: (id) => services.get(id),
      department: (id) => named.get(id),
      user: (id) => (id === user.id ? "You" : colleagues.get(id)),
    };
  }, [directory, departments, colleagues, user.id, zone]);
}

import { useQuery } from "@tanstack/react-query";
import { api, data } from "../../api/client";
import { useKnowledge, useNumbers, usePeople, useServices } from "../settings/lists";
import type { StepId } from "./progress";

export const useWeek = () =>
  useQuery({
    queryKey: ["hours", {}],
    queryFn: () => data(api.GET("/api/v1/hours")),
    refetchOnWindowFocus: false,
  });

/** The steps of which something is there, as the API has it. */
export function useDone(): ReadonlySet<StepId> {
  const { data: week } = useWeek();
  const { data: called } = useQuery({
    queryKey: ["calls", "any"],
    queryFn: async () =>
      (await data(api.GET("/api/v1/calls", { params: { query: { limit: 1 } } }))).items,
  });
  const counts: readonly [StepId, readonly unknown[] | undefined][] = [
    ["hours", week?.hours],
    ["services", useServices().data],
    ["people", usePeople().data],
    ["knowledge", useKnowledge().data],
    ["call", called],
    ["number", useNumbers().data],
  ];
  return new Set<StepId>([
    "basics",
    ...counts.filter(([, things]) => (things?.length ?? 0) > 0).map(([step]) => step),
  ]);
}

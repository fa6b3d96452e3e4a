import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { allPages } from "../api/pages";
import type { Alert } from "./words";

/** The key of the open alerts, which the live feed keeps up to date. */
export const OPEN_ALERTS = ["alerts", "open"];

export function useOpenAlerts() {
  return useQuery({
    queryKey: OPEN_ALERTS,
    queryFn: () =>
      allPages((query) =>
        data(api.GET("/api/v1/alerts", { params: { query: { ...query, state: "open" } } })),
      ),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
}

/** Says that one has seen it. */
export function useAcknowledge() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (alert: Alert) =>
      data(
        api.POST("/api/v1/alerts/{alert_id}/acknowledge", {
          params: { path: { alert_id: alert.id } },
        }),
      ),
    onSuccess: async (now) => {
      queries.setQueryData<Alert[]>(OPEN_ALERTS, (open) =>
        open
          ?.map((one) => (one.id === now.id ? now : one))
          .filter((one) => one.resolved_at === null),
      );
      await queries.invalidateQueries({ queryKey: ["alerts", "all"] });
    },
  });
}

import { useEffect } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data, type Schemas } from "../../api/client";
import { allPages } from "../../api/pages";
import type { CallEvent } from "./words";

const REFRESH_MS = 2_000;
const NO_EVENTS: CallEvent[] = [];

interface FoundCall {
  call: Schemas["Call"] | undefined;
  events: CallEvent[];
  latency: Schemas["Latency"] | undefined;
  error: unknown;
}

/** A call with all that is known of it; while it goes on, it is read again and again. */
export function useCall(callId: string): FoundCall {
  const queries = useQueryClient();
  const path = { call_id: callId };
  const call = useQuery({
    queryKey: ["call", callId],
    queryFn: () => data(api.GET("/api/v1/calls/{call_id}", { params: { path } })),
    refetchInterval: ({ state }) => (state.data?.ended_at === null ? REFRESH_MS : false),
  });
  const found = call.data !== undefined;
  const open = found && call.data.ended_at === null;
  const refetchInterval = open ? REFRESH_MS : (false as const);
  const events = useQuery({
    queryKey: ["call", callId, "events"],
    queryFn: () => readEvents(callId),
    enabled: found,
    refetchInterval,
  });
  const latency = useQuery({
    queryKey: ["call", callId, "latency"],
    queryFn: () => data(api.GET("/api/v1/calls/{call_id}/latency", { params: { path } })),
    enabled: found,
    refetchInterval,
  });
  useEffect(() => {
    if (!open) return;
    // Read once more when it has ended: its last events came with its end.
    return () => void queries.invalidateQueries({ queryKey: ["call", callId] });
  }, [open, callId, queries]);
  return {
    call: call.data,
    events: events.data ?? NO_EVENTS,
    latency: latency.data,
    error: call.error ?? events.error ?? latency.error,
  };
}

function readEvents(callId: string): Promise<CallEvent[]> {
  return allPages((query) =>
    data(
      api.GET("/api/v1/calls/{call_id}/events", { params: { path: { call_id: callId }, query } }),
    ),
  );
}

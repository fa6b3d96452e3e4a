import {
  createContext,
  useContext,
  useEffect,
  useMemo,
  useSyncExternalStore,
  type ReactNode,
} from "react";
import { useQueryClient } from "@tanstack/react-query";
import { OPEN_ALERTS } from "../alerts/useAlerts";
import { useSessionState } from "../session";
import { Feed, NO_CALLS, type FeedState } from "./feed";

const Context = createContext<FeedState>(NO_CALLS);

/** Keeps the live feed open while somebody is signed in. */
export function FeedProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const signedIn = useSessionState().session != null;
  const feed = useMemo(
    () =>
      new Feed({
        onSwitches: () => void queries.invalidateQueries({ queryKey: ["switches"] }),
        // A read that is still under way would put what it saw earlier over this.
        onAlerts: (alerts) =>
          void queries
            .cancelQueries({ queryKey: OPEN_ALERTS })
            .then(() => queries.setQueryData(OPEN_ALERTS, alerts)),
        // What could not be read while the server was away is read now.
        onBack: () =>
          void queries.invalidateQueries({ predicate: ({ state }) => state.status === "error" }),
      }),
    [queries],
  );
  useEffect(() => {
    if (!signedIn) return;
    feed.open();
    return () => feed.close();
  }, [feed, signedIn]);
  const state = useSyncExternalStore(feed.subscribe, feed.snapshot);
  return <Context.Provider value={state}>{children}</Context.Provider>;
}

export function useFeed(): FeedState {
  return useContext(Context);
}

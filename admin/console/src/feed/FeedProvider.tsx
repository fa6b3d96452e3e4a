import {
  createContext,
  useContext,
  useEffect,
  useMemo,
  useSyncExternalStore,
  type ReactNode,
} from "react";
import { useQueryClient } from "@tanstack/react-query";
import { Feed, NO_CALLS, type FeedState } from "./feed";

const Context = createContext<FeedState>(NO_CALLS);

/** Keeps the live feed open while somebody is signed in. */
export function FeedProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const feed = useMemo(
    () => new Feed(() => void queries.invalidateQueries({ queryKey: ["switches"] })),
    [queries],
  );
  useEffect(() => {
    feed.open();
    return () => feed.close();
  }, [feed]);
  const state = useSyncExternalStore(feed.subscribe, feed.snapshot);
  return <Context.Provider value={state}>{children}</Context.Provider>;
}

export function useFeed(): FeedState {
  return useContext(Context);
}

import { createContext, useContext, useEffect, useState, type ReactNode } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ApiError, data, signedOut, type Schemas } from "./api/client";

export type Session = Schemas["CurrentSession"];
export type Role = "operator" | "owner" | "manager" | "staff" | "viewer";

const ROLES: readonly Role[] = ["operator", "owner", "manager", "staff", "viewer"];
const KEY = ["session"];

interface SessionState {
  /** Undefined while it is not known yet, null when nobody is signed in. */
  session: Session | null | undefined;
  /** Why it is not known. */
  error: unknown;
  /** Who was signed in until the server ended it; null where they signed out themselves. */
  timedOut: Session | null;
  refresh: () => Promise<void>;
  signOut: () => Promise<void>;
  /** Ends the session for not having been used. */
  timeOut: () => Promise<void>;
}

const Context = createContext<SessionState | null>(null);

/** Knows who is signed in, and notices when they no longer are. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [timedOut, setTimedOut] = useState<Session | null>(null);
  const { data: session, error } = useQuery({
    queryKey: KEY,
    queryFn: read,
    staleTime: 60_000,
    retry: 2,
  });

  useEffect(() => {
    const forget = () => {
      const before = queries.getQueryData<Session | null>(KEY);
      if (before) setTimedOut(before);
      forgetAll(queries);
    };
    signedOut.addEventListener("signed-out", forget);
    return () => signedOut.removeEventListener("signed-out", forget);
  }, [queries]);

  async function end(after: Session | null): Promise<void> {
    try {
      await api.DELETE("/api/v1/sessions/current");
    } catch (failure) {
      // Signed out already is signed out.
      if (!(failure instanceof ApiError && failure.status === 401)) throw failure;
    }
    setTimedOut(after);
    forgetAll(queries);
  }

  const state: SessionState = {
    session,
    error,
    timedOut,
    refresh: async () => {
      await queries.invalidateQueries({ queryKey: KEY });
      setTimedOut(null);
    },
    signOut: () => end(null),
    timeOut: () => end(session ?? null),
  };
  return <Context.Provider value={state}>{children}</Context.Provider>;
}

/** Nothing that the last user saw stays for the next. */
function forgetAll(queries: ReturnType<typeof useQueryClient>): void {
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== KEY[0] });
  queries.setQueryData(KEY, null);
}

async function read(): Promise<Session | null> {
  try {
    return await data(api.GET("/api/v1/sessions/current"));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

export function useSessionState(): SessionState {
  const state = useContext(Context);
  if (state === null) throw new Error("no SessionProvider");
  return state;
}

/** The session of a page that only signed-in users see. */
export function useSession(): Session {
  const { session } = useSessionState();
  if (!session) throw new Error("nobody is signed in");
  return session;
}

/** Whether the user may do what `role` may; the API decides, the pages only mirror it. */
export function useMay(): (role: Role) => boolean {
  const session = useSession();
  return (role) => ROLES.indexOf(session.user.role) <= ROLES.indexOf(role);
}

import { createContext, useContext, useEffect, useState, type ReactNode } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ApiError, data, signedOut, type Schemas } from "./api/client";
import { anythingTyped } from "./typed";

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
  /** What they had typed is still there, out of sight, and theirs when they sign in again. */
  kept: boolean;
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
  const [kept, setKept] = useState(false);
  const { data: session, error } = useQuery({
    queryKey: KEY,
    queryFn: read,
    staleTime: 60_000,
    retry: 2,
  });

  useEffect(() => {
    const ended = () => {
      const before = queries.getQueryData<Session | null>(KEY);
      // Pages that are kept may ask again: nobody is signed in as it is.
      if (!before) return;
      const keeping = anythingTyped();
      setTimedOut(before);
      setKept(keeping);
      forget(queries, { keeping });
    };
    signedOut.addEventListener("signed-out", ended);
    return () => signedOut.removeEventListener("signed-out", ended);
  }, [queries]);

  async function end(after: Session | null): Promise<void> {
    try {
      await api.DELETE("/api/v1/sessions/current");
    } catch (failure) {
      // Signed out already is signed out.
      if (!(failure instanceof ApiError && failure.status === 401)) throw failure;
    }
    const keeping = after !== null && anythingTyped();
    setTimedOut(after);
    setKept(keeping);
    forget(queries, { keeping });
  }

  /** Somebody has signed in, or what the session tells has changed. What was kept is for who typed it, and for
   * nobody else. */
  async function refresh(): Promise<void> {
    const now = await read();
    const before = session ?? timedOut;
    if (before && before.user.id !== now?.user.id) forget(queries, { keeping: false });
    queries.setQueryData(KEY, now);
    setTimedOut(null);
    setKept(false);
    if (session) return;
    // Whatever was asked meanwhile was refused.
    await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== KEY[0] });
  }

  const state: SessionState = {
    session,
    error,
    timedOut,
    kept,
    refresh,
    signOut: () => end(null),
    timeOut: () => end(session ?? null),
  };
  return <Context.Provider value={state}>{children}</Context.Provider>;
}

/** Nothing that the last user saw stays for the next. */
function forget(queries: ReturnType<typeof useQueryClient>, { keeping }: { keeping: boolean }) {
  if (!keeping) {
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== KEY[0] });
  }
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

/** The session of a page that only signed-in users see; of a page that is kept, the one that ended. */
export function useSession(): Session {
  const { session, timedOut, kept } = useSessionState();
  const known = session ?? (kept ? timedOut : null);
  if (!known) throw new Error("nobody is signed in");
  return known;
}

/** The time zone of the business: by it all times are shown. */
export function useZone(): string {
  return useSession().business?.time_zone ?? "UTC";
}

/** Whether the user may do what `role` may; the API decides, the pages only mirror it. */
export function useMay(): (role: Role) => boolean {
  const session = useSession();
  return (role) => ROLES.indexOf(session.user.role) <= ROLES.indexOf(role);
}

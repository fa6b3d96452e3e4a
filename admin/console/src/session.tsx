import { createContext, useContext, useEffect, type ReactNode } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ApiError, data, signedOut, type Schemas } from "./api/client";

export type Session = Schemas["CurrentSession"];
export type Role = "operator" | "owner" | "manager" | "staff" | "viewer";

const ROLES: readonly Role[] = ["operator", "owner", "manager", "staff", "viewer"];
const KEY = ["session"];

interface SessionState {
  /** Undefined while it is not known yet, null when nobody is signed in. */
  session: Session | null | undefined;
  refresh: () => Promise<void>;
  signOut: () => Promise<void>;
}

const Context = createContext<SessionState | null>(null);

/** Knows who is signed in, and notices when they no longer are. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const { data: session } = useQuery({ queryKey: KEY, queryFn: read, staleTime: 60_000, retry: 2 });

  useEffect(() => {
    const forget = () => queries.setQueryData(KEY, null);
    signedOut.addEventListener("signed-out", forget);
    return () => signedOut.removeEventListener("signed-out", forget);
  }, [queries]);

  const state: SessionState = {
    session,
    refresh: async () => {
      await queries.invalidateQueries({ queryKey: KEY });
    },
    signOut: async () => {
      await api.DELETE("/api/v1/sessions/current");
      // Nothing that the last user saw stays for the next.
      queries.clear();
      queries.setQueryData(KEY, null);
    },
  };
  return <Context.Provider value={state}>{children}</Context.Provider>;
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

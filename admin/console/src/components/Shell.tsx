import type { ReactNode } from "react";
import { NavLink } from "react-router";
import { useMay, useSession, useSessionState } from "../session";
import { Button } from "./Button";

/** The frame of every page: where one is, where one can go, who is signed in. */
export function Shell({ children }: { children: ReactNode }) {
  const { signOut } = useSessionState();
  const { user, business } = useSession();
  const may = useMay();
  return (
    <>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="shell-header">
        <strong className="shell-name">{business?.name ?? "Reception"}</strong>
        <nav aria-label="Pages">
          <NavLink to="/live">Live</NavLink>
          <NavLink to="/calls">Calls</NavLink>
          <NavLink to="/calendar">Calendar</NavLink>
          {may("manager") && <NavLink to="/settings">Settings</NavLink>}
        </nav>
        <div className="shell-user">
          <span title={user.role}>{user.name}</span>
          <Button kind="quiet" onClick={() => void signOut()}>
            Sign out
          </Button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

import { useEffect, useRef, useState, type ReactNode } from "react";
import { NavLink, useLocation } from "react-router";
import { useFeed } from "../feed/FeedProvider";
import { inProgress } from "../feed/state";
import { useMay, useSession, useSessionState } from "../session";
import { Button } from "./Button";
import { IdleWarning } from "./IdleWarning";
import { useKeys } from "./keys";
import { KeysDialog } from "./KeysDialog";
import { SwitchBanner, SwitchButton } from "./SwitchBanner";
import { applyTheme, savedTheme, THEMES, type Theme } from "./theme";

/** The frame of every page: where one is, where one can go, who is signed in. */
export function Shell({ children }: { children: ReactNode }) {
  const { business } = useSession();
  const may = useMay();
  const [keys, setKeys] = useState(false);
  const main = useFocusOnNewPage();
  useKeys({ "?": () => setKeys(true) });
  return (
    <>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="shell-header">
        <strong className="shell-name">{business?.name ?? "Reception"}</strong>
        <nav aria-label="Pages">
          <NavLink to="/live">
            Live <CallCount />
          </NavLink>
          <NavLink to="/calls">Calls</NavLink>
          <NavLink to="/calendar">Calendar</NavLink>
          {may("manager") && <NavLink to="/settings">Settings</NavLink>}
        </nav>
        <div className="shell-tools">
          <FeedState />
          <SwitchButton />
          <UserMenu onKeys={() => setKeys(true)} />
        </div>
      </header>
      <SwitchBanner />
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
      {keys && <KeysDialog onClose={() => setKeys(false)} />}
      <IdleWarning />
    </>
  );
}

/** A new page is read from its top, by screen readers too. */
function useFocusOnNewPage() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    main.current?.focus();
  }, [pathname]);
  return main;
}

function CallCount() {
  const count = inProgress(useFeed().calls).length;
  if (count === 0) return null;
  return (
    <span className="count">
      {count}
      <span className="visually-hidden"> in progress</span>
    </span>
  );
}

const CONNECTIONS = {
  connecting: "Connecting…",
  open: "Live",
  lost: "Not live: reconnecting…",
} as const;

function FeedState() {
  const { connection } = useFeed();
  return (
    <span className={`feed-state feed-${connection}`} role="status">
      {CONNECTIONS[connection]}
    </span>
  );
}

const THEME_NAMES: Readonly<Record<Theme, string>> = {
  system: "As this device",
  light: "Light",
  dark: "Dark",
};

function UserMenu({ onKeys }: { onKeys: () => void }) {
  const { signOut } = useSessionState();
  const { user } = useSession();
  const [theme, setTheme] = useState(savedTheme);
  const menu = useRef<HTMLDetailsElement>(null);
  useClosing(menu);
  return (
    <details className="user-menu" ref={menu}>
      <summary className="button button-quiet">
        <span className="user-name">{user.name}</span>
        <span className="user-short">Menu</span>
      </summary>
      <div className="user-menu-card">
        <p>
          <strong>{user.name}</strong>
          <span>{user.email}</span>
          <span>Role: {user.role}</span>
        </p>
        <label>
          Colours
          <select
            value={theme}
            onChange={(event) => {
              const chosen = event.target.value as Theme;
              applyTheme(chosen);
              setTheme(chosen);
            }}
          >
            {THEMES.map((one) => (
              <option key={one} value={one}>
                {THEME_NAMES[one]}
              </option>
            ))}
          </select>
        </label>
        <Button shortcut="?" onClick={onKeys}>
          Keys
        </Button>
        <Button onClick={() => void signOut()}>Sign out</Button>
      </div>
    </details>
  );
}

/** A menu closes with Escape, and when one goes on elsewhere. */
function useClosing(menu: React.RefObject<HTMLDetailsElement | null>): void {
  useEffect(() => {
    const close = (event: Event) => {
      const open = menu.current;
      if (!open?.open) return;
      const escaped = event instanceof KeyboardEvent && event.key === "Escape";
      const elsewhere = !(event instanceof KeyboardEvent) && !open.contains(event.target as Node);
      if (escaped) open.querySelector("summary")?.focus();
      if (escaped || elsewhere) open.open = false;
    };
    for (const name of ["keydown", "pointerdown", "focusin"]) window.addEventListener(name, close);
    return () => {
      for (const name of ["keydown", "pointerdown", "focusin"]) {
        window.removeEventListener(name, close);
      }
    };
  }, [menu]);
}

import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from "react";
import { NavLink, useLocation } from "react-router";
import { AlertBanner } from "../alerts/AlertBanner";
import { AlertBell } from "../alerts/AlertBell";
import { useFeed } from "../feed/FeedProvider";
import { inProgress } from "../feed/state";
import { useMay, useSession, useSessionState } from "../session";
import { Button } from "./Button";
import { IdleWarning } from "./IdleWarning";
import { useKeys } from "./keys";
import { KeysDialog } from "./KeysDialog";
import { useClosing } from "./menu";
import { SwitchBanner, SwitchButton } from "./SwitchBanner";
import { applyTheme, savedTheme, THEMES, type Theme } from "./theme";

const PasswordDialog = lazy(() => import("../pages/settings/PasswordDialog"));

/** The frame of every page: where one is, where one can go, who is signed in. */
export function Shell({ children }: { children: ReactNode }) {
  const { session } = useSessionState();
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
          <AlertBell />
          <SwitchButton />
          <UserMenu onKeys={() => setKeys(true)} />
        </div>
      </header>
      <AlertBanner />
      <SwitchBanner />
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
      {keys && <KeysDialog onClose={() => setKeys(false)} />}
      {session !== null && <IdleWarning />}
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
  const [password, setPassword] = useState(false);
  const menu = useRef<HTMLDetailsElement>(null);
  useClosing(menu);
  return (
    <>
      <details className="menu user-menu" ref={menu}>
        <summary className="button button-quiet">
          <span className="user-name">{user.name}</span>
          <span className="user-short">Menu</span>
        </summary>
        <div className="menu-card user-menu-card">
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
          <Button
            onClick={() => {
              setPassword(true);
              if (menu.current !== null) menu.current.open = false;
            }}
          >
            Change your password
          </Button>
          <Button onClick={() => void signOut()}>Sign out</Button>
        </div>
      </details>
      {password && (
        <Suspense>
          <PasswordDialog of={user} onClose={() => setPassword(false)} />
        </Suspense>
      )}
    </>
  );
}

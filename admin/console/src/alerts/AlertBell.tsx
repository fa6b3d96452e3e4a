import { useRef } from "react";
import { useClosing } from "../components/menu";
import { AlertItem } from "./AlertItem";
import { useOpenAlerts } from "./useAlerts";
import { byUrgency, isUnseen } from "./words";

/** The open alerts, on every page. */
export function AlertBell() {
  const { data: alerts } = useOpenAlerts();
  const menu = useRef<HTMLDetailsElement>(null);
  useClosing(menu);
  const open = byUrgency(alerts ?? []);
  const unseen = open.filter(isUnseen).length;
  return (
    <details className="menu alert-bell" ref={menu}>
      <summary className="button button-quiet" aria-label={`Alerts: ${said(open.length, unseen)}`}>
        <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
          <path
            fill="currentColor"
            d="M12 22a2.5 2.5 0 0 0 2.4-2H9.6A2.5 2.5 0 0 0 12 22Zm7-6v-5a7 7 0 0 0-5.5-6.8V3.5a1.5 1.5 0 0 0-3 0v.7A7 7 0 0 0 5 11v5l-2 2v1h18v-1Z"
          />
        </svg>
        {unseen > 0 && <span className="count">{unseen}</span>}
      </summary>
      <div className="menu-card">
        <h2>Alerts</h2>
        {open.length === 0 && <p className="alert-none">Nothing needs looking at.</p>}
        {open.length > 0 && (
          <ul className="alert-list" aria-label="Alerts">
            {open.map((one) => (
              <li key={one.id}>
                <AlertItem
                  alert={one}
                  onGo={() => {
                    if (menu.current !== null) menu.current.open = false;
                  }}
                />
              </li>
            ))}
          </ul>
        )}
      </div>
    </details>
  );
}

function said(open: number, unseen: number): string {
  if (open === 0) return "none";
  return unseen === 0 ? `${open} open, all seen` : `${unseen} not seen yet`;
}

import { AlertItem } from "./AlertItem";
import { useOpenAlerts } from "./useAlerts";
import { byUrgency, isUnseen } from "./words";

const SHOWN = 3;

/** What can't wait, on every page until somebody has seen it. Read out as it comes. */
export function AlertBanner() {
  const { data: alerts } = useOpenAlerts();
  const urgent = byUrgency(alerts ?? []).filter((one) => one.urgent && isUnseen(one));
  return (
    <div aria-live="assertive" aria-relevant="additions">
      {urgent.length > 0 && (
        <ul className="alert-banner" aria-label="Urgent">
          {urgent.slice(0, SHOWN).map((one) => (
            <li key={one.id}>
              <AlertItem alert={one} />
            </li>
          ))}
          {urgent.length > SHOWN && <li>And {urgent.length - SHOWN} more under Alerts.</li>}
        </ul>
      )}
    </div>
  );
}

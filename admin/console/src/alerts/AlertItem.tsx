import { Link } from "react-router";
import { Button } from "../components/Button";
import { Failure } from "../components/Notice";
import { dateAndClock } from "../components/time";
import { useFeed } from "../feed/FeedProvider";
import { isOver } from "../feed/state";
import { useMay, useSession, useZone } from "../session";
import { useAcknowledge } from "./useAlerts";
import { alertWords, isTechnical, isUnseen, type Alert } from "./words";

/** One alert: what it tells, where one looks at it, and that one has. */
export function AlertItem({ alert, onGo }: { alert: Alert; onGo?: () => void }) {
  const zone = useZone();
  const may = useMay();
  const acknowledge = useAcknowledge();
  return (
    <div className="alert-item">
      <div className="alert-text">
        <strong>{alertWords(alert)}</strong>
        <span className="alert-when">
          {alert.urgent && "Urgent · "}
          <time dateTime={alert.last_at}>{dateAndClock(alert.last_at, zone)}</time>
          {alert.times > 1 && ` · ${alert.times} times`}
          {alert.resolved_at !== null
            ? " · over"
            : alert.acknowledged_at !== null && " · seen, and still so"}
        </span>
        <Failure error={acknowledge.error} />
      </div>
      <div className="alert-actions">
        <Where alert={alert} onGo={onGo} />
        {isUnseen(alert) && may("staff") && (
          <Button
            busy={acknowledge.isPending}
            aria-label={`I have seen it: ${alertWords(alert)}`}
            onClick={() => acknowledge.mutate(alert)}
          >
            Seen
          </Button>
        )}
      </div>
    </div>
  );
}

function Where({ alert, onGo }: { alert: Alert; onGo: (() => void) | undefined }) {
  const { calls } = useFeed();
  const { business } = useSession();
  const may = useMay();
  // Operators have the installation's page alone.
  if (business === null) return null;
  if (alert.call_id !== null) {
    const known = calls.get(alert.call_id);
    const live = known !== undefined && !isOver(known.call);
    return (
      <Link
        className="button button-main"
        to={live ? `/live?call=${alert.call_id}` : `/calls/${alert.call_id}`}
        onClick={onGo}
      >
        {live ? "Go to the call" : "Open the call"}
      </Link>
    );
  }
  if (!isTechnical(alert) || !may("manager")) return null;
  return (
    <Link className="button" to="/settings/health" onClick={onGo}>
      Health
    </Link>
  );
}

import { useId } from "react";
import type { Answer } from "../../feed/call";

/** An answer that took this long, in seconds, fills the bar. */
const FULL_SECONDS = 3;
/** What a caller takes for a pause rather than for a delay, in seconds. */
const GOOD_SECONDS = 1.2;
const SLOW_SECONDS = 2;

/** How fast the last answers came: a bar each, with the numbers on focus and on pointing at it. */
export function LatencyBar({ answers }: { answers: readonly Answer[] }) {
  const id = useId();
  if (answers.length === 0) return null;
  const last = answers[answers.length - 1];
  return (
    <div
      className="latency"
      tabIndex={0}
      role="img"
      aria-label={`Seconds to each of the last answers: ${answers.map((one) => seconds(one.total)).join(", ")}`}
      aria-describedby={id}
    >
      <div className="latency-bars" aria-hidden="true">
        {answers.map((one) => (
          <span
            key={one.at}
            className={`latency-${quality(one.total)}`}
            style={{ height: `${Math.min(1, one.total / FULL_SECONDS) * 100}%` }}
          />
        ))}
      </div>
      {last && <span aria-hidden="true">{seconds(last.total)} s</span>}
      <div className="latency-numbers" id={id} aria-hidden="true">
        <table>
          <thead>
            <tr>
              <th>Answer</th>
              <th>End of turn</th>
              <th>Model</th>
              <th>Voice</th>
            </tr>
          </thead>
          <tbody>
            {answers.map((one) => (
              <tr key={one.at}>
                <td>{seconds(one.total)} s</td>
                <td>{seconds(one.endOfTurn)}</td>
                <td>{seconds(one.model)}</td>
                <td>{seconds(one.speech)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function quality(total: number): "good" | "fair" | "slow" {
  if (total <= GOOD_SECONDS) return "good";
  return total <= SLOW_SECONDS ? "fair" : "slow";
}

function seconds(value: number | null): string {
  return value === null ? "–" : value.toFixed(1);
}

import type { Schemas } from "../../api/client";
import { duration } from "../../components/time";
import { barsOf, scaleOf, STAGES, type Answer, type Stage } from "./latency";
import { seconds } from "./words";

const NAMES = Object.entries(STAGES) as [Stage, string][];

/** How long the caller waited for each answer, and for what. */
export function LatencyChart({
  latency,
  startedAt,
}: {
  latency: Schemas["Latency"] | undefined;
  startedAt: string;
}) {
  const answers = latency?.answers ?? [];
  const total = latency?.stages["total"];
  return (
    <section aria-labelledby="latency" className="card latency">
      <h2 id="latency">How fast it answered</h2>
      {latency?.setup_seconds != null && (
        <p>The greeting began after {seconds(latency.setup_seconds)}.</p>
      )}
      {total && (
        <p>
          {total.count === 1 ? "One answer" : `${total.count} answers`}: half of them within{" "}
          {seconds(total.median)}, nearly all within {seconds(total.p95)}.
        </p>
      )}
      {answers.length === 0 ? (
        <p className="call-none">No answer has been measured.</p>
      ) : (
        <>
          <Chart answers={answers} startedAt={startedAt} />
          <details>
            <summary>As a table</summary>
            <Figures answers={answers} startedAt={startedAt} />
          </details>
        </>
      )}
    </section>
  );
}

function Chart({ answers, startedAt }: { answers: readonly Answer[]; startedAt: string }) {
  const scale = scaleOf(answers);
  return (
    <div className="waterfall" aria-hidden="true">
      <p className="waterfall-key">
        {NAMES.map(([stage, name]) => (
          <span key={stage}>
            <i className={`bar-${stage}`} /> {name}
          </span>
        ))}
      </p>
      {answers.map((answer, place) => (
        <div key={place} className="waterfall-answer">
          <span className="waterfall-at">{into(answer, startedAt)}</span>
          <div className="waterfall-bars">
            {barsOf(answer.seconds).map((bar) => (
              <div key={bar.stage} className="waterfall-row">
                <span
                  className={`waterfall-bar bar-${bar.stage}`}
                  style={{
                    left: `${(bar.from / scale) * 100}%`,
                    width: `max(2px, ${(bar.seconds / scale) * 100}%)`,
                  }}
                />
                <Label from={(bar.from + bar.seconds) / scale}>{seconds(bar.seconds)}</Label>
              </div>
            ))}
          </div>
          <span className="waterfall-total">
            {answer.seconds.total === null ? "" : seconds(answer.seconds.total)}
          </span>
        </div>
      ))}
      <p className="waterfall-scale">
        <span>0</span>
        <span>{seconds(scale)}</span>
      </p>
    </div>
  );
}

/** Beside its bar, on the side on which there is room. */
function Label({ from, children }: { from: number; children: string }) {
  const style = from > 0.7 ? { right: "2px" } : { left: `calc(${from * 100}% + 4px)` };
  return (
    <span className="waterfall-label" style={style}>
      {children}
    </span>
  );
}

function Figures({ answers, startedAt }: { answers: readonly Answer[]; startedAt: string }) {
  return (
    <div className="latency-figures" tabIndex={0} role="region" aria-label="Latency of each answer">
      <table>
        <thead>
          <tr>
            <th scope="col">At</th>
            {NAMES.map(([stage, name]) => (
              <th key={stage} scope="col">
                {name}
              </th>
            ))}
            <th scope="col">Total</th>
          </tr>
        </thead>
        <tbody>
          {answers.map((answer, place) => (
            <tr key={place}>
              <th scope="row">{into(answer, startedAt)}</th>
              {NAMES.map(([stage]) => (
                <td key={stage}>{figure(answer.seconds[stage])}</td>
              ))}
              <td>{figure(answer.seconds.total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function into(answer: Answer, startedAt: string): string {
  return duration((Date.parse(answer.at) - Date.parse(startedAt)) / 1000);
}

function figure(count: number | null): string {
  return count === null ? "–" : seconds(count);
}

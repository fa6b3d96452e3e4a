import { Button } from "../../../components/Button";
import {
  copiedToWorkdays,
  isOvernight,
  nextSpan,
  ofDay,
  WEEKDAYS,
  withDay,
  type Span,
} from "./spans";

interface Props {
  spans: readonly Span[];
  onChange: (spans: Span[]) => void;
  /** What is wrong, by the span's place in `spans`. */
  errors: ReadonlyMap<number, string>;
  disabled?: boolean;
}

/** A week: each day with as many open spans as it has. */
export function WeekGrid({ spans, onChange, errors, disabled = false }: Props) {
  return (
    <div className="week-grid">
      {WEEKDAYS.map((name, weekday) => {
        const day = ofDay(spans, weekday);
        return (
          <fieldset key={name} className="week-day" disabled={disabled}>
            <legend>{name}</legend>
            <div className="week-spans">
              {day.length === 0 && <span className="closed">Closed</span>}
              {day.map((span, at) => (
                <SpanRow
                  key={at}
                  day={name}
                  number={day.length > 1 ? at + 1 : 0}
                  span={span}
                  error={errors.get(spans.indexOf(span))}
                  onChange={(next) =>
                    onChange(withDay(spans, weekday, day.with(at, { ...span, ...next })))
                  }
                  onRemove={() => onChange(withDay(spans, weekday, day.toSpliced(at, 1)))}
                />
              ))}
            </div>
            <div className="week-tools">
              <Button
                kind="quiet"
                aria-label={`Add a time on ${name}`}
                onClick={() => onChange(withDay(spans, weekday, [...day, nextSpan(day, weekday)]))}
              >
                + Time
              </Button>
              {weekday === 0 && day.length > 0 && (
                <Button kind="quiet" onClick={() => onChange(copiedToWorkdays(spans, weekday))}>
                  Copy to Tue–Fri
                </Button>
              )}
            </div>
          </fieldset>
        );
      })}
    </div>
  );
}

export function SpanRow({
  day,
  number,
  span,
  error,
  onChange,
  onRemove,
}: {
  day: string;
  /** Of several on a day; 0: the only one. */
  number: number;
  span: Pick<Span, "opens" | "closes">;
  error: string | undefined;
  onChange: (next: Partial<Pick<Span, "opens" | "closes">>) => void;
  onRemove: () => void;
}) {
  const which = number > 0 ? `${day} ${number}` : day;
  return (
    <div className="span-row">
      <input
        type="time"
        aria-label={`${which} opens`}
        aria-invalid={error !== undefined}
        value={span.opens}
        onChange={(event) => onChange({ opens: event.target.value })}
      />
      <span aria-hidden="true">–</span>
      <input
        type="time"
        aria-label={`${which} closes`}
        aria-invalid={error !== undefined}
        value={span.closes}
        onChange={(event) => onChange({ closes: event.target.value })}
      />
      <button
        type="button"
        className="small-button"
        aria-label={`Remove ${which} ${span.opens} to ${span.closes}`}
        onClick={onRemove}
      >
        ×
      </button>
      {isOvernight(span) && <span className="next-day">next day</span>}
      {error !== undefined && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

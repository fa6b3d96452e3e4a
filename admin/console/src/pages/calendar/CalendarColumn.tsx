import type { CSSProperties, PointerEvent } from "react";
import { AppointmentBlock } from "./AppointmentBlock";
import type { Appointment, Column } from "./columns";
import {
  gapsIn,
  hourLines,
  lengthOf,
  MINUTE,
  sideBySide,
  snapped,
  STEP,
  within,
  type Frame,
  type Span,
} from "./layout";
import type { Target } from "./moving";
import type { Moving } from "./useMove";
import { dayOf, hourOf, timesOf, whoComes, type Words } from "./words";

/** Pixels of a minute. */
export const SCALE = 1.2;
const LEAST_MINUTES = 20;
const SHORT_MINUTES = 40;

interface Props {
  column: Column;
  frame: Frame;
  words: Words;
  now: number;
  /** The clock is changed in it: its hours are not those at the edge. */
  ownHours: boolean;
  withPerson: boolean;
  mayChange: boolean;
  /** The one on its way to this column, or being saved here. */
  coming: Moving | null;
  liftedId: string | null;
  onOpen: (appointment: Appointment) => void;
  onStep: (appointment: Appointment, at: Target) => void;
  onLift: (appointment: Appointment, event: PointerEvent<HTMLButtonElement>) => void;
  onFree: (at: Target) => void;
}

export function CalendarColumn(props: Props) {
  const { column, frame, words, now, mayChange, coming, withPerson } = props;
  const placed = sideBySide(
    column.items.flatMap((item) => {
      const inside = within(item, frame);
      return inside === null ? [] : [{ ...item, ...inside, whole: item }];
    }),
    LEAST_MINUTES,
  );
  return (
    <div
      className="calendar-column"
      data-column={column.key}
      style={{ height: lengthOf(frame) * SCALE }}
    >
      {gapsIn(frame, column.open).map((gap) => (
        <div key={gap.begins} className="shade" style={vertical(gap, frame)} />
      ))}
      {mayChange && (
        <FreeTime column={column} frame={frame} onFree={props.onFree} zone={words.zone} />
      )}
      {hourLines(frame, words.zone).map(({ at }) => (
        <div key={at} className="hour-line" style={{ top: offset(at, frame) }}>
          {props.ownHours && <span>{hourOf(at, words.zone)}</span>}
        </div>
      ))}
      {column.closed.map((one) => {
        const inside = within(one, frame);
        return (
          inside && (
            <div
              key={`${one.begins} ${one.reason}`}
              className="closed"
              style={vertical(inside, frame)}
            >
              <span>{one.reason || "Closed"}</span>
            </div>
          )
        );
      })}
      {placed.map(({ item, left, width }) => {
        const style = { ...vertical(item, frame), ...horizontal(left, width) };
        const { whole } = item;
        if (whole.kind === "busy") {
          return (
            <div key={`${whole.personId} ${whole.begins}`} className="busy" style={style}>
              Busy{withPerson && ` · ${words.person(whole.personId)}`}
              <span className="visually-hidden">
                , {timesOf(whole.begins, whole.ends, words.zone)}
              </span>
            </div>
          );
        }
        const { appointment } = whole;
        return (
          <AppointmentBlock
            key={appointment.id}
            appointment={appointment}
            words={words}
            style={style}
            withPerson={withPerson}
            short={lengthOf(item) < SHORT_MINUTES}
            lifted={props.liftedId === appointment.id}
            movable={mayChange && appointment.state === "booked"}
            onOpen={() => props.onOpen(appointment)}
            onStep={() =>
              props.onStep(appointment, { columnKey: column.key, begins: whole.begins })
            }
            onPointerDown={(event) => props.onLift(appointment, event)}
          />
        );
      })}
      {coming && <Preview coming={coming} frame={frame} words={words} />}
      {now >= frame.begins && now < frame.ends && (
        <div className="now-line" style={{ top: offset(now, frame) }} />
      )}
    </div>
  );
}

/** Where nothing is: a click books there. (By keyboard: the button above the calendar.) */
function FreeTime({
  column,
  frame,
  zone,
  onFree,
}: {
  column: Column;
  frame: Frame;
  zone: string;
  onFree: (at: Target) => void;
}) {
  return (
    <div
      className="free-time"
      title={`Book on ${dayOf(frame.begins, zone)}`}
      onClick={(event) => {
        const { top } = event.currentTarget.getBoundingClientRect();
        const minutes = (event.clientY - top) / SCALE;
        const begins = snapped(Math.floor(minutes / STEP) * STEP, frame);
        onFree({ columnKey: column.key, begins });
      }}
    />
  );
}

function Preview({ coming, frame, words }: { coming: Moving; frame: Frame; words: Words }) {
  const { appointment, target } = coming;
  const length = Date.parse(appointment.ends_at) - Date.parse(appointment.starts_at);
  const span = { begins: target.begins, ends: target.begins + length };
  const inside = within(span, frame);
  if (inside === null) return null;
  return (
    <div className="block block-coming" aria-hidden="true" style={vertical(inside, frame)}>
      <span className="block-who">{whoComes(appointment)}</span>
      <span className="block-when">{timesOf(span.begins, span.ends, words.zone)}</span>
    </div>
  );
}

function offset(at: number, frame: Frame): number {
  return ((at - frame.begins) / MINUTE) * SCALE;
}

function vertical(span: Span, frame: Frame): CSSProperties {
  return { top: offset(span.begins, frame), height: lengthOf(span) * SCALE };
}

function horizontal(left: number, width: number): CSSProperties {
  return { left: `calc(${left * 100}% + 2px)`, width: `calc(${width * 100}% - 4px)` };
}

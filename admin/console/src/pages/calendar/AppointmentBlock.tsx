import type { CSSProperties, PointerEvent } from "react";
import type { Appointment } from "./columns";
import { moreInWords, timesOf, whoComes, type Words } from "./words";

interface Props {
  appointment: Appointment;
  words: Words;
  style: CSSProperties;
  /** Named where the column does not name them. */
  withPerson: boolean;
  short: boolean;
  lifted: boolean;
  movable: boolean;
  onOpen: () => void;
  onStep: () => void;
  onPointerDown: (event: PointerEvent<HTMLButtonElement>) => void;
}

export function AppointmentBlock(props: Props) {
  const { appointment, words, style, withPerson, short, lifted, movable } = props;
  const [begins, ends] = [Date.parse(appointment.starts_at), Date.parse(appointment.ends_at)];
  const kinds = [
    "block",
    `block-${appointment.state}`,
    appointment.call_id !== null && "block-by-call",
    short && "block-short",
    lifted && "block-lifted",
    movable && "block-movable",
  ];
  return (
    <button
      type="button"
      data-appointment={appointment.id}
      className={kinds.filter(Boolean).join(" ")}
      style={style}
      title={`${timesOf(begins, ends, words.zone)}, ${words.person(appointment.person_id)}`}
      aria-keyshortcuts={movable ? "M" : undefined}
      onClick={props.onOpen}
      onPointerDown={movable ? props.onPointerDown : undefined}
      onKeyDown={(event) => {
        if (movable && event.key.toLowerCase() === "m" && !event.ctrlKey && !event.metaKey) {
          event.preventDefault();
          event.stopPropagation();
          props.onStep();
        }
      }}
    >
      <span className="block-who">
        {appointment.confirmed_at !== null && (
          <span aria-hidden="true" title="Confirmed">
            ✓{" "}
          </span>
        )}
        {whoComes(appointment)}
      </span>
      <span className="block-what">
        {words.service(appointment.service_id)}
        {withPerson && ` · ${words.person(appointment.person_id)}`}
      </span>
      <span className="block-when">{timesOf(begins, ends, words.zone)}</span>
      {appointment.call_id !== null && (
        <span className="block-mark" aria-hidden="true" title="Booked by the assistant">
          ☎
        </span>
      )}
      <span className="visually-hidden">{moreInWords(appointment, words, !withPerson)}</span>
    </button>
  );
}

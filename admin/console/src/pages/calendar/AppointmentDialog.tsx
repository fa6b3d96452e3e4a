import { useRef, useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { Field } from "../../components/Field";
import { Notice } from "../../components/Notice";
import { clock, dateAndClock } from "../../components/time";
import { cancel, confirm, reasonOf, RequestKey } from "./changes";
import type { Appointment } from "./columns";
import { APPOINTMENTS } from "./useCalendarData";
import { dayOf, timesOf, whoComes, type Words } from "./words";

interface Props {
  appointment: Appointment;
  words: Words;
  hasPlaces: boolean;
  mayChange: boolean;
  onMove: () => void;
  onClose: () => void;
}

/** An appointment with what can be done with it. */
export function AppointmentDialog(props: Props) {
  const { appointment, mayChange, onClose } = props;
  const [cancelling, setCancelling] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const queries = useQueryClient();
  const keys = useRef(new RequestKey());
  const isOver = Date.parse(appointment.ends_at) <= Date.now();
  const booked = appointment.state === "booked";

  async function change(request: (key: string) => Promise<unknown>, what: unknown) {
    setBusy(true);
    setError(null);
    try {
      await request(keys.current.of([appointment.id, appointment.version, what]));
      keys.current.done();
      await queries.invalidateQueries({ queryKey: APPOINTMENTS });
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
      void queries.invalidateQueries({ queryKey: APPOINTMENTS });
    }
  }

  return (
    <Dialog title={whoComes(appointment)} onClose={onClose}>
      <Details {...props} />
      {error !== null && <Notice kind="error">{reasonOf(error)}</Notice>}
      {cancelling ? (
        <CancelForm
          inSeries={appointment.series_id !== null}
          busy={busy}
          onKeep={() => setCancelling(false)}
          onCancel={(wanted) => void change((key) => cancel(appointment.id, wanted, key), wanted)}
        />
      ) : (
        <div className="dialog-buttons">
          {mayChange && booked && !isOver && (
            <>
              <Button kind="main" onClick={props.onMove}>
                Move
              </Button>
              {appointment.confirmed_at === null && (
                <Button
                  busy={busy}
                  onClick={() => void change((key) => confirm(appointment.id, key), "confirm")}
                >
                  Confirm
                </Button>
              )}
            </>
          )}
          {mayChange && !isOver && (
            <Button onClick={() => setCancelling(true)}>Cancel the appointment</Button>
          )}
          <Button kind="quiet" onClick={onClose}>
            Close
          </Button>
        </div>
      )}
    </Dialog>
  );
}

function Details({ appointment, words, hasPlaces }: Props) {
  const [begins, ends] = [Date.parse(appointment.starts_at), Date.parse(appointment.ends_at)];
  const rows: [string, string | null][] = [
    ["When", `${dayOf(begins, words.zone)}, ${timesOf(begins, ends, words.zone)}`],
    ["Service", words.service(appointment.service_id)],
    ["With", words.person(appointment.person_id)],
    ["Where", hasPlaces ? words.place(appointment.place_id) : null],
    ["Booked by", appointment.attendee ? (appointment.contact_name ?? null) : null],
    ["Code", appointment.code],
    ["Held until", appointment.held_until && clock(appointment.held_until, words.zone)],
    ["Confirmed", appointment.confirmed_at && dateAndClock(appointment.confirmed_at, words.zone)],
    ["Note", appointment.note],
  ];
  return (
    <>
      <dl className="appointment-facts">
        {rows.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      {appointment.call_id !== null && (
        <p>
          ☎ Booked by the assistant. <Link to={`/calls/${appointment.call_id}`}>See the call</Link>
        </p>
      )}
      {appointment.state === "held" && (
        <p>A caller is about to say yes to it: until then it is only held.</p>
      )}
    </>
  );
}

function CancelForm({
  inSeries,
  busy,
  onKeep,
  onCancel,
}: {
  inSeries: boolean;
  busy: boolean;
  onKeep: () => void;
  onCancel: (wanted: { scope: "this" | "this_and_following"; reason: string }) => void;
}) {
  const [reason, setReason] = useState("");
  const [following, setFollowing] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onCancel({ scope: following ? "this_and_following" : "this", reason });
      }}
    >
      <Field label="Why" help="For the history; it may stay empty.">
        <input
          value={reason}
          maxLength={500}
          autoFocus
          onChange={(event) => setReason(event.target.value)}
        />
      </Field>
      {inSeries && (
        <label className="dialog-check">
          <input
            type="checkbox"
            checked={following}
            onChange={(event) => setFollowing(event.target.checked)}
          />{" "}
          and those of its series that come after it
        </label>
      )}
      <div className="dialog-buttons">
        <Button kind="danger" type="submit" busy={busy}>
          Cancel it
        </Button>
        <Button kind="quiet" onClick={onKeep}>
          Keep it
        </Button>
      </div>
    </form>
  );
}

import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { api, data, type Schemas } from "../../api/client";
import { Button } from "../../components/Button";
import { Empty, Failure, Loading, Notice } from "../../components/Notice";
import { dateAndClock } from "../../components/time";
import { ConnectCalendar } from "./calendars/ConnectCalendar";
import { signIn, takesSignIn } from "./calendars/signIn";
import { Confirm } from "./form/Confirm";
import { EntityDialog } from "./form/EntityDialog";
import { words } from "./form/SchemaField";
import { toChange } from "./form/values";
import { useZone } from "./hours/days";
import { allPages, nameIn, useChanged, usePeople } from "./lists";

type Calendar = Schemas["Calendar"];

const STATES: Readonly<Record<Calendar["state"], string>> = {
  new: "not read yet",
  connected: "in step",
  failing: "failing",
  sign_in_needed: "needs a sign-in",
  off: "off",
};

export function CalendarsPage() {
  const [connecting, setConnecting] = useState(false);
  const { data: calendars, error } = useQuery({
    queryKey: ["calendars"],
    queryFn: () => allPages((query) => data(api.GET("/api/v1/calendars", { params: { query } }))),
    refetchInterval: 15_000,
  });
  if (error !== null) return <Failure error={error} />;
  if (calendars === undefined) return <Loading what="the calendars" />;
  return (
    <>
      <p className="page-intro">
        Calendars elsewhere that are kept in step: what is in them blocks times, and appointments
        are written into them.
      </p>
      {calendars.length === 0 && <Empty>No calendar is connected.</Empty>}
      <ul className="things">
        {calendars.map((one) => (
          <Row key={one.id} calendar={one} />
        ))}
      </ul>
      <Button kind="main" onClick={() => setConnecting(true)}>
        Connect a calendar
      </Button>
      {connecting && <ConnectCalendar onClose={() => setConnecting(false)} />}
      <Conflicts />
    </>
  );
}

function Row({ calendar }: { calendar: Calendar }) {
  const zone = useZone();
  const { data: people } = usePeople();
  const changed = useChanged("calendars", "calendar-conflicts");
  const [open, setOpen] = useState<"change" | "leave" | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const path = { calendar_id: calendar.id };

  async function run(deed: () => Promise<unknown>) {
    setBusy(true);
    setFailure(null);
    try {
      await deed();
      await changed();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <li className={`card thing ${calendar.state === "off" ? "thing-off" : ""}`}>
      <div className="thing-text">
        <strong>{calendar.name}</strong>{" "}
        <span className={`badge state-${calendar.state}`}>{STATES[calendar.state]}</span>
        <div className="thing-about">
          {[
            nameIn(people, calendar.person_id),
            words(calendar.kind),
            calendar.imported_at === null
              ? "never read"
              : `read ${dateAndClock(calendar.imported_at, zone)}`,
            calendar.waiting > 0 ? `${calendar.waiting} changes waiting` : "",
            calendar.refused > 0 ? `${calendar.refused} refused` : "",
            calendar.conflicts > 0 ? `${calendar.conflicts} conflicts` : "",
            calendar.unreadable > 0 ? `${calendar.unreadable} unreadable` : "",
          ]
            .filter(Boolean)
            .join(" · ")}
        </div>
        {calendar.error && <p className="field-error">{calendar.error}</p>}
        <Failure error={failure} />
      </div>
      <div className="thing-actions">
        {takesSignIn(calendar.kind) && calendar.state !== "connected" && (
          <Button kind="main" busy={busy} onClick={() => void run(() => signIn(calendar.id))}>
            Sign in
          </Button>
        )}
        <Button
          busy={busy}
          aria-label={`Synchronise ${calendar.name} now`}
          onClick={() =>
            void run(() =>
              data(api.POST("/api/v1/calendars/{calendar_id}/sync", { params: { path } })),
            )
          }
        >
          Sync now
        </Button>
        <Button aria-label={`Change ${calendar.name}`} onClick={() => setOpen("change")}>
          Change
        </Button>
        <Button
          kind="quiet"
          aria-label={`Disconnect ${calendar.name}`}
          onClick={() => setOpen("leave")}
        >
          Disconnect
        </Button>
      </div>
      {open === "change" && (
        <EntityDialog
          title={`Change ${calendar.name}`}
          schema="CalendarChange"
          fields={[
            { name: "name", label: "Name" },
            { name: "direction", label: "Direction" },
            { name: "show_names", label: "Show names" },
            { name: "active", label: "Connected" },
          ]}
          first={changeable(calendar)}
          submit="Save"
          onClose={() => setOpen(null)}
          onSubmit={(values) =>
            data(
              api.PATCH("/api/v1/calendars/{calendar_id}", {
                params: { path },
                body: toChange(changeable(calendar), values) as Schemas["CalendarChange"],
              }),
            ).then(changed)
          }
        />
      )}
      {open === "leave" && (
        <Confirm
          title={`Disconnect ${calendar.name}?`}
          yes="Disconnect"
          danger
          onClose={() => setOpen(null)}
          run={() =>
            data(api.DELETE("/api/v1/calendars/{calendar_id}", { params: { path } })).then(changed)
          }
        >
          <p>
            Appointments to come are taken out of it, and it blocks nothing any more. What is booked
            here stays.
          </p>
        </Confirm>
      )}
    </li>
  );
}

function changeable({ name, direction, show_names, state }: Calendar) {
  return { name, direction, show_names, active: state !== "off" };
}

const KINDS: Readonly<Record<Schemas["CalendarConflict"]["kind"], string>> = {
  overlap: "overlaps something in the calendar",
  moved_outside: "was moved in the calendar",
  removed_outside: "was removed from the calendar",
};

function Conflicts() {
  const zone = useZone();
  const { data: people } = usePeople();
  const { data: found, error } = useQuery({
    queryKey: ["calendar-conflicts"],
    queryFn: async () =>
      (await data(api.GET("/api/v1/calendars/conflicts", { params: { query: { limit: 100 } } })))
        .items,
  });
  if (error !== null) return <Failure error={error} />;
  if (found === undefined || found.length === 0) return null;
  return (
    <section aria-label="Conflicts">
      <h2>Conflicts</h2>
      <Notice kind="error">
        These appointments contradict a calendar. Decide what gives way, there or under Calendar.
      </Notice>
      <ul className="stranded">
        {found.map((one) => (
          <li key={`${one.calendar_id} ${one.appointment_id} ${one.kind}`}>
            <strong>{dateAndClock(one.starts_at, zone)}</strong>
            <span>{nameIn(people, one.person_id)}</span>
            <span>{KINDS[one.kind]}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

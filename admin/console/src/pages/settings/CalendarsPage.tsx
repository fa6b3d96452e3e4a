import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { api, ApiError, data, type Schemas } from "../../api/client";
import { allPages } from "../../api/pages";
import { Button } from "../../components/Button";
import { Empty, Failure, Notice, Stale, Unread } from "../../components/Notice";
import { dateAndClock } from "../../components/time";
import { inLine } from "../../words";
import { ConnectCalendar } from "./calendars/ConnectCalendar";
import { signIn, takesSignIn } from "./calendars/signIn";
import { Confirm } from "./form/Confirm";
import { EntityDialog } from "./form/EntityDialog";
import { words } from "./form/SchemaField";
import { toChange } from "./form/values";
import { useZone } from "../../session";
import { nameIn, useChanged, usePeople } from "./lists";

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
  if (calendars === undefined) {
    return <Unread what="the calendars" error={error} />;
  }
  return (
    <>
      <p className="page-intro">
        Calendars elsewhere that are kept in step: what is in them blocks times, and appointments
        are written into them.
      </p>
      <Stale error={error} />
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
  const [open, setOpen] = useState<"change" | "access" | "leave" | null>(null);
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
          {inLine(
            nameIn(people, calendar.person_id),
            words(calendar.kind),
            calendar.imported_at === null
              ? "never read"
              : `read ${dateAndClock(calendar.imported_at, zone)}`,
            calendar.waiting > 0 ? `${calendar.waiting} changes waiting` : "",
            calendar.refused > 0 ? `${calendar.refused} refused` : "",
            calendar.conflicts > 0 ? `${calendar.conflicts} conflicts` : "",
            calendar.unreadable > 0 ? `${calendar.unreadable} unreadable` : "",
          )}
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
        {takesPassword(calendar.kind) && (
          <Button
            aria-label={`Set the password of ${calendar.name}`}
            onClick={() => setOpen("access")}
          >
            Password
          </Button>
        )}
        <Button
          busy={busy}
          aria-label={`Sync now: ${calendar.name}`}
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
      {open === "access" && (
        <EntityDialog
          title={`Password of ${calendar.name}`}
          schema="CalendarServer"
          fields={[
            {
              name: "password",
              label: "Password",
              kind: "password",
              help: "With which its server lets us in, when it has changed there. It is tried at once.",
            },
          ]}
          first={{ password: "" }}
          submit="Save"
          onClose={() => setOpen(null)}
          onSubmit={({ password }) =>
            data(
              api.PATCH("/api/v1/calendars/{calendar_id}", {
                params: { path },
                body: { access: { password: String(password) } } as Schemas["CalendarChange"],
              }),
            ).then(changed)
          }
        />
      )}
      {open === "leave" && <Leave calendar={calendar} onClose={() => setOpen(null)} />}
    </li>
  );
}

function Leave({ calendar, onClose }: { calendar: Calendar; onClose: () => void }) {
  const changed = useChanged("calendars", "calendar-conflicts");
  const [away, setAway] = useState(false);
  const [leaving, setLeaving] = useState(false);

  async function disconnect() {
    try {
      await data(
        api.DELETE("/api/v1/calendars/{calendar_id}", {
          params: { path: { calendar_id: calendar.id }, query: { leave_entries: leaving } },
        }),
      );
    } catch (error) {
      setAway(error instanceof ApiError && error.status === 409);
      throw error;
    }
    await changed();
  }

  return (
    <Confirm
      title={`Disconnect ${calendar.name}?`}
      yes="Disconnect"
      danger
      onClose={onClose}
      run={disconnect}
    >
      <p>
        Appointments to come are taken out of it, and it blocks nothing any more. What is booked
        here stays.
      </p>
      {away && (
        <label className="check">
          <input
            type="checkbox"
            checked={leaving}
            onChange={(event) => setLeaving(event.target.checked)}
          />
          Leave them in it: somebody else takes them out.
        </label>
      )}
    </Confirm>
  );
}

function takesPassword(kind: Calendar["kind"]): boolean {
  return kind === "caldav" || kind === "ics";
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
  if (found === undefined) return <Failure error={error} />;
  if (found.length === 0) return null;
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

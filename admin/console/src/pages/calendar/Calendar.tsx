import { useEffect, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { Failure, Loading } from "../../components/Notice";
import { useMay, useSession } from "../../session";
import { AppointmentDialog } from "./AppointmentDialog";
import { BookingDialog, type BookAt } from "./BookingDialog";
import { CalendarBar } from "./CalendarBar";
import { CalendarGrid } from "./CalendarGrid";
import { columnsOf, framesOf, spansIn, type Appointment, type Column } from "./columns";
import { useDirectory, type Directory } from "./directory";
import { hoursFor } from "./layout";
import { MoveNotices } from "./MoveNotices";
import { useCalendarData } from "./useCalendarData";
import { useMove } from "./useMove";
import { useNarrow } from "./useNarrow";
import { addressOf, viewIn, type CalendarView } from "./view";
import { dayInWords, sameClock, today, wallTimeOf, zoneInWords } from "./wallClock";
import { wordsOf } from "./words";
import "./calendar.css";

export default function Calendar() {
  const directory = useDirectory();
  return (
    <>
      <h1>Calendar</h1>
      <Failure error={directory.error} />
      {directory.isPending && <Loading what="the calendar" />}
      {directory.data && <CalendarOf directory={directory.data} />}
    </>
  );
}

function CalendarOf({ directory }: { directory: Directory }) {
  const { business } = useSession();
  const may = useMay();
  const narrow = useNarrow();
  const [address, setAddress] = useSearchParams();
  const [bookAt, setBookAt] = useState<BookAt | null>(null);
  const businessId = business?.id ?? "";
  const mayChange = may("staff");

  const view = useView(address, directory, business?.time_zone ?? "UTC", narrow);
  const zone = zoneOf(view, directory, business?.time_zone ?? "UTC");
  const found = useCalendarData(view, directory, businessId);
  const columns = columnsOf({ view, directory, businessId, zone, ...found });
  const days = columns.map((one) => one.day);
  const hours = view.wholeDay ? { from: 0, until: 24 } : hoursFor(spansIn(columns), days, zone);
  const frames = framesOf(columns, hours, zone);
  const words = useMemo(() => wordsOf(directory, zone, businessId), [directory, zone, businessId]);
  const moves = useMove({ columns, frames, zone, businessId });

  useFocusOn(moves.moved?.after.id);

  const shownId = address.get("appointment");
  const opened = found.appointments.find((one) => one.id === shownId) ?? null;
  const open = (appointment: Appointment | null) => {
    const next = addressOf(view);
    if (appointment !== null) next.set("appointment", appointment.id);
    setAddress(next, { replace: true, preventScrollReset: true });
  };

  return (
    <>
      <CalendarBar
        view={view}
        directory={directory}
        businessId={businessId}
        zone={zone}
        narrow={narrow}
        mayBook={mayChange}
        onView={(next) => setAddress(addressOf(next))}
        onBook={() =>
          setBookAt({
            day: view.day,
            minutes: null,
            personId: view.personId || null,
            placeId: view.placeId || null,
          })
        }
      />
      <Failure error={found.error} />
      <div className="calendar-board">
        {" "}
        {found.isPending ? (
          <Loading what="the appointments" />
        ) : (
          <CalendarGrid
            columns={columns}
            frames={frames}
            hours={hours}
            words={words}
            heading={(column) => headingOf(column, view, directory, words, zone)}
            withPerson={!view.personId && (view.view === "week" || view.columns === "places")}
            mayChange={mayChange}
            moves={moves}
            onOpen={open}
            onFree={({ columnKey, begins }) => {
              const column = columns.find((one) => one.key === columnKey);
              if (column === undefined) return;
              const { personId, placeId } = column;
              setBookAt({ ...wallTimeOf(begins, zone), personId, placeId });
            }}
          />
        )}
        <MoveNotices moves={moves} words={words} columns={columns} />
      </div>{" "}
      {opened && (
        <AppointmentDialog
          key={opened.id}
          appointment={opened}
          words={words}
          hasPlaces={directory.places.length > 0}
          mayChange={mayChange}
          onClose={() => open(null)}
          onMove={() => {
            open(null);
            const column = columns.find((one) =>
              one.items.some(
                (item) => item.kind === "appointment" && item.appointment.id === opened.id,
              ),
            );
            if (column === undefined) return;
            const begins = Date.parse(opened.starts_at);
            moves.begin(opened, { columnKey: column.key, begins }, "steps");
          }}
        />
      )}
      {bookAt && (
        <BookingDialog
          at={bookAt}
          directory={directory}
          businessId={businessId}
          words={words}
          onClose={() => setBookAt(null)}
        />
      )}
    </>
  );
}

/** In another column a block is another element: who moved it by keyboard must not be thrown back to the
 * top of the page. */
function useFocusOn(appointmentId: string | undefined): void {
  useEffect(() => {
    if (appointmentId === undefined || document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>(`[data-appointment="${appointmentId}"]`)?.focus();
  }, [appointmentId]);
}

function useView(
  address: URLSearchParams,
  directory: Directory,
  zone: string,
  narrow: boolean,
): CalendarView {
  const text = address.toString();
  const firstDay = today(zone);
  return useMemo(() => {
    const view = viewIn(new URLSearchParams(text), firstDay, narrow);
    if (!narrow) return view;
    // One person at a time: there is no room for more.
    const person = view.personId || directory.people.find((one) => one.active)?.id || "";
    return { ...view, columns: "people", personId: person };
  }, [text, directory, firstDay, narrow]);
}

function zoneOf(view: CalendarView, directory: Directory, businessZone: string): string {
  return directory.places.find((one) => one.id === view.placeId)?.time_zone ?? businessZone;
}

function headingOf(
  column: Column,
  view: CalendarView,
  directory: Directory,
  words: ReturnType<typeof wordsOf>,
  zone: string,
) {
  if (view.view === "week") {
    const isToday = column.day === today(zone);
    return (
      <span className={isToday ? "calendar-today" : undefined} aria-current={isToday && "date"}>
        {dayInWords(column.day, { weekday: "short", month: "short", day: "numeric" })}
      </span>
    );
  }
  if (view.columns === "places" && column.placeId !== null) {
    const place = directory.places.find((one) => one.id === column.placeId);
    const elsewhere = place && !sameClock(place.time_zone, zone, Date.now());
    return (
      <>
        {words.place(column.placeId)}
        {elsewhere && <small>clocks there: {zoneInWords(place.time_zone)}</small>}
      </>
    );
  }
  const person = directory.people.find((one) => one.id === column.personId);
  return (
    <>
      {person?.name ?? "Everybody"}
      {person?.title && <small>{person.title}</small>}
    </>
  );
}

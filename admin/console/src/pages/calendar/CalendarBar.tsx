import { Button } from "../../components/Button";
import type { Directory } from "./directory";
import { daysOf, turned, type CalendarView } from "./view";
import { browserZone, dayInWords, sameClock, today, zoneInWords } from "./wallClock";

interface Props {
  view: CalendarView;
  directory: Directory;
  businessId: string;
  zone: string;
  narrow: boolean;
  mayBook: boolean;
  onView: (view: CalendarView) => void;
  onBook: () => void;
}

/** What is shown, and the ways to show something else. */
export function CalendarBar(props: Props) {
  const { view, directory, businessId, zone, narrow, onView } = props;
  const people = directory.people.filter((one) => one.active || one.id === view.personId);
  const places = directory.places.filter((one) => one.active || one.id === view.placeId);
  const days = daysOf(view);
  return (
    <div className="calendar-bar">
      <div className="calendar-turn">
        <Button
          aria-label={view.view === "week" ? "The week before" : "The day before"}
          onClick={() => onView(turned(view, -1))}
        >
          ‹
        </Button>
        <Button onClick={() => onView({ ...view, day: today(zone) })}>Today</Button>
        <Button
          aria-label={view.view === "week" ? "The next week" : "The next day"}
          onClick={() => onView(turned(view, 1))}
        >
          ›
        </Button>
        <h2 aria-live="polite">{titleOf(days)}</h2>
        <input
          type="date"
          aria-label="Go to a day"
          value={view.day}
          onChange={(event) => event.target.value && onView({ ...view, day: event.target.value })}
        />
      </div>
      <div className="calendar-choices">
        {!narrow && (
          <Switch
            label="View"
            value={view.view}
            options={{ day: "Day", week: "Week" }}
            onChange={(next) => onView({ ...view, view: next })}
          />
        )}
        {!narrow && view.view === "day" && places.length > 0 && (
          <Switch
            label="Columns"
            value={view.columns}
            options={{ people: "By person", places: "By place" }}
            onChange={(columns) => onView({ ...view, columns })}
          />
        )}
        <select
          aria-label="Person"
          value={view.personId}
          onChange={(event) => onView({ ...view, personId: event.target.value })}
        >
          {!narrow && <option value="">Everybody</option>}
          {people.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
        {places.length > 0 && (
          <select
            aria-label="Place"
            value={view.placeId}
            onChange={(event) => onView({ ...view, placeId: event.target.value })}
          >
            <option value="">Everywhere</option>
            <option value={businessId}>Main address</option>
            {places.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        )}
        <label className="calendar-whole">
          <input
            type="checkbox"
            checked={view.wholeDay}
            onChange={(event) => onView({ ...view, wholeDay: event.target.checked })}
          />{" "}
          All 24 hours
        </label>
        {props.mayBook && (
          <Button kind="main" onClick={props.onBook}>
            New appointment
          </Button>
        )}
      </div>
      <ZoneNote zone={zone} />
    </div>
  );
}

/** Said only to those whose own clock shows something else. */
function ZoneNote({ zone }: { zone: string }) {
  const now = Date.now();
  if (sameClock(zone, browserZone(), now)) return null;
  return (
    <p className="calendar-zone">
      Times are those of <strong>{zoneInWords(zone)}</strong>, not of this computer’s zone (
      {zoneInWords(browserZone())}).
    </p>
  );
}

function titleOf(days: readonly string[]): string {
  const [first, last] = [days[0] ?? "", days.at(-1) ?? ""];
  if (first === last) {
    return dayInWords(first, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
  }
  const from = dayInWords(first, { day: "numeric", month: "short" });
  return `${from} – ${dayInWords(last, { day: "numeric", month: "short", year: "numeric" })}`;
}

function Switch<Value extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: Value;
  options: Readonly<Record<Value, string>>;
  onChange: (value: Value) => void;
}) {
  return (
    <div className="switch" role="group" aria-label={label}>
      {(Object.entries(options) as [Value, string][]).map(([name, words]) => (
        <Button
          key={name}
          kind={name === value ? "main" : "plain"}
          aria-pressed={name === value}
          onClick={() => onChange(name)}
        >
          {words}
        </Button>
      ))}
    </div>
  );
}

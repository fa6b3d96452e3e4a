import { Button } from "../../components/Button";
import { Notice } from "../../components/Notice";
import { clock } from "../../components/time";
import { reasonOf, type FreeTime, type Overrides } from "./changes";
import type { Column } from "./columns";
import type { Step } from "./moving";
import type { Moves } from "./useMove";
import { dayAndClock, dayOf, whoComes, type Words } from "./words";

interface Props {
  moves: Moves;
  words: Words;
  columns: readonly Column[];
}

/** Beside the calendar: what is on its way, what was refused and what is free instead, what was done. */
export function MoveNotices({ moves, words, columns }: Props) {
  return (
    <div className="calendar-notices">
      {moves.moving?.by === "steps" && <MovingBar moves={moves} words={words} columns={columns} />}
      {moves.refused && <RefusedNotice moves={moves} words={words} />}
      {moves.moved && (
        <Notice kind="good">
          {whoComes(moves.moved.after)} moved to{" "}
          {dayAndClock(Date.parse(moves.moved.after.starts_at), words.zone)} with{" "}
          {words.person(moves.moved.after.person_id)}.{" "}
          <Button kind="quiet" onClick={moves.undo}>
            Undo
          </Button>
          <Button kind="quiet" onClick={moves.dismiss}>
            Close
          </Button>
        </Notice>
      )}
    </div>
  );
}

const STEPS: readonly [Step, string, string][] = [
  ["earlier", "↑", "Earlier"],
  ["later", "↓", "Later"],
  ["previous", "←", "Column to the left"],
  ["next", "→", "Column to the right"],
];

function MovingBar({ moves, words, columns }: Props) {
  const { moving } = moves;
  if (moving === null) return null;
  const column = columns.find((one) => one.key === moving.target.columnKey);
  const person = column?.personId ?? moving.appointment.person_id;
  const place = column?.placeId ?? null;
  return (
    <div className="moving-bar card" role="group" aria-label="Moving an appointment">
      <p aria-live="assertive">
        {whoComes(moving.appointment)}: {dayAndClock(moving.target.begins, words.zone)}, with{" "}
        {words.person(person)}
        {place !== null && `, ${words.place(place)}`}
      </p>
      <p className="moving-help">Arrow keys move it, Enter puts it there, Escape leaves it.</p>
      <div className="moving-buttons">
        {STEPS.filter(([step]) => columns.length > 1 || step === "earlier" || step === "later").map(
          ([step, arrow, name]) => (
            <Button key={step} aria-label={name} onClick={() => moves.step(step)}>
              {arrow}
            </Button>
          ),
        )}
        <Button kind="main" onClick={() => moves.drop()}>
          Put it here
        </Button>
        <Button kind="quiet" onClick={moves.cancel}>
          Leave it
        </Button>
      </div>
    </div>
  );
}

function RefusedNotice({ moves, words }: { moves: Moves; words: Words }) {
  const { refused } = moves;
  if (refused === null) return null;
  const { appointment, to, error, alternatives, overrides } = refused;
  return (
    <Notice kind="error">
      <p className="refused-why">
        {whoComes(appointment)} stays where they were:{" "}
        {dayAndClock(Date.parse(to.starts_at), words.zone)} can’t be had. {reasonOf(error)}
      </p>
      <div className="refused-ways">
        <FreeTimes
          times={alternatives}
          wantedAt={to.starts_at}
          words={words}
          onTake={(time) =>
            moves.askAgain({
              starts_at: time.starts_at,
              person_id: time.person_id,
              ...(time.place_id && { place_id: time.place_id }),
            })
          }
        />
        {overrides && (
          <Button onClick={() => moves.askAgain({ ...to, ...overrides })}>
            {overrideInWords(overrides)}
          </Button>
        )}
        <Button kind="quiet" onClick={moves.dismiss}>
          Close
        </Button>
      </div>
    </Notice>
  );
}

export function overrideInWords(overrides: Overrides): string {
  return overrides.over_busy ? "Over their own calendar" : "Outside the hours all the same";
}

/** Free times to choose from. */
export function FreeTimes({
  times,
  wantedAt,
  words,
  onTake,
}: {
  times: readonly FreeTime[];
  wantedAt: string;
  words: Words;
  onTake: (time: FreeTime) => void;
}) {
  if (times.length === 0) return null;
  return (
    <>
      <span>Free instead:</span>
      {times.map((time) => (
        <Button key={`${time.starts_at} ${time.person_id}`} onClick={() => onTake(time)}>
          {timeInWords(time, wantedAt, words)}
        </Button>
      ))}
    </>
  );
}

/** The day only where it is another. */
function timeInWords(time: FreeTime, wantedAt: string, { zone }: Words): string {
  const [begins, wanted] = [Date.parse(time.starts_at), Date.parse(wantedAt)];
  const sameDay = dayOf(begins, zone) === dayOf(wanted, zone);
  return `${sameDay ? clock(time.starts_at, zone) : dayAndClock(begins, zone)}, ${time.person_name}`;
}

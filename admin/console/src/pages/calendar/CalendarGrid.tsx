import { useEffect, useRef, useState, type PointerEvent, type ReactNode } from "react";
import { CalendarColumn, SCALE } from "./CalendarColumn";
import type { Appointment, Column } from "./columns";
import { hourLines, isChanged, lengthOf, MINUTE, snapped, type Frame, type Hours } from "./layout";
import type { Target } from "./moving";
import type { Moves, Moving } from "./useMove";
import { hourOf, type Words } from "./words";

interface Props {
  columns: readonly Column[];
  frames: ReadonlyMap<string, Frame>;
  hours: Hours;
  words: Words;
  heading: (column: Column) => ReactNode;
  withPerson: boolean;
  mayChange: boolean;
  moves: Moves;
  onOpen: (appointment: Appointment) => void;
  onFree: (at: Target) => void;
}

/** Pixels that a pointer may tremble before it drags. */
const TREMBLE = 5;

export function CalendarGrid(props: Props) {
  const { columns, frames, hours, words, moves } = props;
  const now = useNow();
  const grid = useRef<HTMLDivElement>(null);
  const dragged = useRef(false);
  const usual = columns.find((one) => !isChanged(frames.get(one.key)!, hours)) ?? columns[0];
  const edge = usual && frames.get(usual.key);

  /** Follows the pointer from a block until it is let go. */
  function lift(appointment: Appointment, event: PointerEvent<HTMLButtonElement>) {
    dragged.current = false;
    // A finger scrolls; it moves appointments by the buttons that the appointment offers.
    if (event.button !== 0 || event.pointerType === "touch" || moves.moving !== null) return;
    const from = { x: event.clientX, y: event.clientY };
    const grasped = event.clientY - event.currentTarget.getBoundingClientRect().top;
    const stop = new AbortController();
    const { signal } = stop;
    let last: Moving | null = null;
    const follow = (at: globalThis.PointerEvent) => {
      if (last === null && Math.hypot(at.clientX - from.x, at.clientY - from.y) < TREMBLE) return;
      const target = targetAt(at.clientX, at.clientY - grasped);
      if (target === null) return;
      if (last === null) moves.begin(appointment, target, "pointer");
      else moves.follow(target);
      last = { appointment, target, by: "pointer" };
      dragged.current = true;
    };
    window.addEventListener("pointermove", follow, { signal });
    window.addEventListener(
      "pointerup",
      () => {
        stop.abort();
        if (last !== null) dropLatest.current(last);
        // After the click that the browser makes of it.
        setTimeout(() => (dragged.current = false));
      },
      { signal },
    );
    window.addEventListener(
      "pointercancel",
      () => {
        stop.abort();
        moves.cancel();
      },
      { signal },
    );
    window.addEventListener("keydown", (key) => key.key === "Escape" && stop.abort(), {
      signal,
      capture: true,
    });
  }

  const dropLatest = useRef(moves.drop);
  useEffect(() => {
    dropLatest.current = moves.drop;
  });

  function targetAt(x: number, y: number): Target | null {
    for (const element of grid.current?.querySelectorAll("[data-column]") ?? []) {
      const box = element.getBoundingClientRect();
      const columnKey = element.getAttribute("data-column") ?? "";
      const frame = frames.get(columnKey);
      if (frame !== undefined && x >= box.left && x < box.right) {
        return { columnKey, begins: snapped((y - box.top) / SCALE, frame) };
      }
    }
    return null;
  }

  const coming = moves.moving ?? moves.saving;
  return (
    <div
      className="calendar-grid"
      ref={grid}
      role="region"
      aria-label="Calendar"
      tabIndex={0}
      style={{ gridTemplateColumns: `4.2rem repeat(${columns.length}, minmax(7rem, 1fr))` }}
    >
      <div className="calendar-corner" />
      {columns.map((column) => (
        <div key={column.key} className="calendar-heading">
          {props.heading(column)}
        </div>
      ))}
      <div
        className="calendar-hours"
        aria-hidden="true"
        style={{ height: edge ? lengthOf(edge) * SCALE : 0 }}
      >
        {edge &&
          hourLines(edge, words.zone).map(({ at }) => (
            <span key={at} style={{ top: ((at - edge.begins) / MINUTE) * SCALE }}>
              {hourOf(at, words.zone)}
            </span>
          ))}
      </div>
      {columns.map((column) => (
        <CalendarColumn
          key={column.key}
          column={column}
          frame={frames.get(column.key)!}
          words={words}
          now={now}
          ownHours={column !== usual && isChanged(frames.get(column.key)!, hours)}
          withPerson={props.withPerson}
          mayChange={props.mayChange}
          coming={coming?.target.columnKey === column.key ? coming : null}
          liftedId={coming?.appointment.id ?? null}
          onOpen={(appointment) => {
            // The click that ends a drag opens nothing.
            if (!dragged.current && moves.moving === null) props.onOpen(appointment);
          }}
          onStep={(appointment, at) => moves.begin(appointment, at, "steps")}
          onLift={lift}
          onFree={(at) => {
            if (moves.moving === null) props.onFree(at);
          }}
        />
      ))}
    </div>
  );
}

function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE);
    return () => clearInterval(timer);
  }, []);
  return now;
}

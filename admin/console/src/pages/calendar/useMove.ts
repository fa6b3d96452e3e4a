import { useEffect, useRef, useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import {
  alternativesTo,
  move,
  overridesFor,
  RequestKey,
  type FreeTime,
  type MoveTo,
  type Overrides,
} from "./changes";
import type { Appointment, Column } from "./columns";
import type { Frame } from "./layout";
import { moveTo, STEP_KEYS, stepped, type Step, type Target } from "./moving";
import { APPOINTMENTS } from "./useCalendarData";

/** An appointment that is on its way: `by` says whether pointer or keys and buttons lead it. */
export interface Moving {
  appointment: Appointment;
  target: Target;
  by: "pointer" | "steps";
}

export interface RefusedMove {
  appointment: Appointment;
  to: MoveTo;
  error: unknown;
  alternatives: FreeTime[];
  overrides: Overrides | null;
}

interface Board {
  columns: readonly Column[];
  frames: ReadonlyMap<string, Frame>;
  zone: string;
  businessId: string;
}

/** Moves appointments: shown at once, asked of the API, and taken back with the reason when refused. */
export function useMove(board: Board) {
  const queries = useQueryClient();
  const [moving, setMoving] = useState<Moving | null>(null);
  const [saving, setSaving] = useState<Moving | null>(null);
  const [refused, setRefused] = useState<RefusedMove | null>(null);
  const [moved, setMoved] = useState<{ before: Appointment; after: Appointment } | null>(null);
  const keys = useRef(new RequestKey());

  async function ask(appointment: Appointment, to: MoveTo, shown: Moving | null) {
    setMoving(null);
    setRefused(null);
    setMoved(null);
    setSaving(shown);
    let tell: () => void;
    try {
      const request = { id: appointment.id, version: appointment.version, to };
      const after = await move(appointment, to, keys.current.of(request));
      keys.current.done();
      tell = () => setMoved({ before: appointment, after });
    } catch (error) {
      const { service_id, person_id } = appointment;
      const wanted = { service_id, person_id, ...to };
      const alternatives = await alternativesTo(error, wanted, board.zone);
      const overrides = overridesFor(error);
      tell = () => setRefused({ appointment, to, error, alternatives, overrides });
    }
    // Not until the calendar has the truth is the one on its way taken off.
    await queries.invalidateQueries({ queryKey: APPOINTMENTS });
    setSaving(null);
    tell();
  }

  function drop(at: Moving) {
    const to = moveTo(at.appointment, at.target, board.columns, board.businessId);
    if (to === null) setMoving(null);
    else void ask(at.appointment, to, at);
  }

  function step(direction: Step) {
    setMoving((at) => {
      if (at === null) return null;
      const { columns, frames, zone } = board;
      return { ...at, target: stepped(at.target, direction, columns, frames, zone) };
    });
  }

  const latest = useRef({ moving, drop, step });
  useEffect(() => {
    latest.current = { moving, drop, step };
  });
  const isMoving = moving !== null;
  useEffect(() => {
    if (!isMoving) return;
    const pressed = (event: KeyboardEvent) => {
      const at = latest.current.moving;
      if (at === null) return;
      const onButton = event.target instanceof Element && event.target.closest(".moving-bar");
      const direction = STEP_KEYS[event.key];
      if (event.key === "Escape") setMoving(null);
      else if (at.by === "steps" && direction !== undefined) latest.current.step(direction);
      else if (at.by === "steps" && event.key === "Enter" && !onButton) latest.current.drop(at);
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    window.addEventListener("keydown", pressed, true);
    return () => window.removeEventListener("keydown", pressed, true);
  }, [isMoving]);

  return {
    moving,
    saving,
    refused,
    moved,
    begin: (appointment: Appointment, target: Target, by: Moving["by"]) => {
      setRefused(null);
      setMoved(null);
      setMoving({ appointment, target, by });
    },
    follow: (target: Target) => setMoving((at) => at && { ...at, target }),
    step,
    drop: (at: Moving | null = moving) => {
      if (at !== null) drop(at);
    },
    cancel: () => setMoving(null),
    askAgain: (to: MoveTo) => {
      if (refused !== null) void ask(refused.appointment, to, null);
    },
    undo: () => {
      if (moved === null) return;
      const { before, after } = moved;
      const to: MoveTo = {
        starts_at: before.starts_at,
        person_id: before.person_id,
        place_id: before.place_id ?? board.businessId,
        // It had been there: what was set aside then is not asked again.
        outside_hours: true,
        over_busy: true,
      };
      void ask(after, to, null);
    },
    dismiss: () => {
      setRefused(null);
      setMoved(null);
    },
  };
}

export type Moves = ReturnType<typeof useMove>;

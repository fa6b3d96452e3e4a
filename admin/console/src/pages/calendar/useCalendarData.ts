import { useMemo } from "react";
import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { api, data } from "../../api/client";
import { allPages } from "../../api/pages";
import type { Appointment, DayPlan } from "./columns";
import type { Directory } from "./directory";
import { daysOf, type CalendarView } from "./view";
import { addDays } from "./wallClock";

const REFRESH_MS = 15_000;
const NO_APPOINTMENTS: Appointment[] = [];

export const APPOINTMENTS = ["appointments"];

interface CalendarData {
  plans: ReadonlyMap<string, DayPlan>;
  appointments: Appointment[];
  isPending: boolean;
  error: unknown;
}

/** The appointments of the days shown, and what governs these days. Calls book all the time: it is
 * read again and again. */
export function useCalendarData(
  view: CalendarView,
  directory: Directory,
  businessId: string,
): CalendarData {
  const days = daysOf(view);
  const [first, last] = [days[0] ?? view.day, days.at(-1) ?? view.day];
  const byPlace = view.view === "day" && view.columns === "places";
  const placeIds =
    byPlace && !view.placeId
      ? [businessId, ...directory.places.map((one) => one.id)]
      : [view.placeId];
  const plans = useQueries({
    queries: placeIds.map((placeId) => ({
      queryKey: ["day-plan", first, last, placeId],
      queryFn: () => readPlan(first, last, placeId),
      placeholderData: keepPreviousData,
      refetchInterval: REFRESH_MS * 4,
    })),
  });
  const appointments = useQuery({
    queryKey: [...APPOINTMENTS, first, last, view.placeId, view.personId],
    queryFn: () => readAppointments(first, last, view),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
  const found = plans.map((one) => one.data);
  const byId = useMemo(() => {
    const known = new Map<string, DayPlan>();
    placeIds.forEach((placeId, place) => {
      const plan = found[place];
      if (plan !== undefined) known.set(placeId, plan);
    });
    return known;
  }, [placeIds.join(), ...found]);
  return {
    plans: byId,
    appointments: appointments.data ?? NO_APPOINTMENTS,
    isPending: appointments.isPending || plans.some((one) => one.isPending),
    error: appointments.error ?? plans.find((one) => one.error)?.error ?? null,
  };
}

function readPlan(firstDay: string, lastDay: string, placeId: string): Promise<DayPlan> {
  return data(
    api.GET("/api/v1/day-plan", {
      params: {
        query: { first_day: firstDay, last_day: lastDay, ...(placeId && { place_id: placeId }) },
      },
    }),
  );
}

/** Those that are not cancelled. A day more on either side: one may run over midnight, and the days of
 * a place elsewhere are not those of the business. */
async function readAppointments(
  firstDay: string,
  lastDay: string,
  { placeId, personId }: CalendarView,
): Promise<Appointment[]> {
  const found = await allPages((query) =>
    data(
      api.GET("/api/v1/appointments", {
        params: {
          query: {
            first_day: addDays(firstDay, -1),
            last_day: addDays(lastDay, 1),
            ...query,
            ...(placeId && { place_id: placeId }),
            ...(personId && { person_id: personId }),
          },
        },
      }),
    ),
  );
  return found.filter((one) => one.state !== "cancelled" && !isPassedHold(one));
}

/** A hold that has passed keeps nobody out, though nobody may have cleared it yet. */
function isPassedHold(one: Appointment): boolean {
  return (
    one.state === "held" && one.held_until !== null && Date.parse(one.held_until) <= Date.now()
  );
}

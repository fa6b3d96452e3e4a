import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import { Button } from "../../components/Button";
import { Failure } from "../../components/Notice";
import { useWeek } from "./useDone";
import { WeekEditor } from "../settings/hours/WeekEditor";
import type { Span } from "../settings/hours/spans";

const span = (weekday: number, opens: string, closes: string): Span => ({ weekday, opens, closes });
const DAYS = [0, 1, 2, 3, 4];

const WEEKS: readonly { name: string; hours: Span[] }[] = [
  { name: "Mon–Fri 9–5", hours: DAYS.map((day) => span(day, "09:00", "17:00")) },
  {
    name: "Mon–Fri 8–12 and 1–5",
    hours: DAYS.flatMap((day) => [span(day, "08:00", "12:00"), span(day, "13:00", "17:00")]),
  },
  { name: "Tue–Sat 9–6", hours: [1, 2, 3, 4, 5].map((day) => span(day, "09:00", "18:00")) },
];

export function HoursStep() {
  const queries = useQueryClient();
  const empty = useWeek().data?.hours.length === 0;
  const [failure, setFailure] = useState<unknown>(null);

  const choose = (hours: Span[]) =>
    data(api.PUT("/api/v1/hours", { body: { hours } }))
      .then(() => queries.invalidateQueries({ queryKey: ["hours"] }))
      .catch(setFailure);

  return (
    <>
      <p className="page-intro">
        When you are open. Callers are told these hours and book within them; dates with other hours
        and closures are in the settings.
      </p>
      <Failure error={failure} />
      {empty && (
        <div className="actions suggestions">
          Begin with
          {WEEKS.map((week) => (
            <Button key={week.name} onClick={() => void choose(week.hours)}>
              {week.name}
            </Button>
          ))}
        </div>
      )}
      <WeekEditor owner={{}} emptyMeans="No hours yet: nothing can be booked." />
    </>
  );
}

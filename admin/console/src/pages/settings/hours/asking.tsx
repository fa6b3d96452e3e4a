/** A change of hours is tried first: what it would leave outside is asked about, never just done. */
import { useState, type ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { api, data, type Schemas } from "../../../api/client";
import { Confirm } from "../form/Confirm";
import { Stranded } from "./Stranded";

type Appointment = Schemas["Appointment"];
type Change = (tryOnly: boolean) => Promise<{ outside_hours: Appointment[] }>;

interface Question {
  stranded: Appointment[];
  run: () => Promise<void>;
}

export function useAsking(): {
  ask: (change: Change, done: () => void | Promise<void>) => Promise<void>;
  question: ReactNode;
} {
  const queries = useQueryClient();
  const [question, setQuestion] = useState<Question | null>(null);

  async function ask(change: Change, done: () => void | Promise<void>) {
    const run = async () => {
      await change(false);
      await Promise.all(
        ["hours", "dates", "closures", "holidays"].map((key) =>
          queries.invalidateQueries({ queryKey: [key] }),
        ),
      );
      await done();
    };
    const [tried, already] = await Promise.all([change(true), outsideNow()]);
    const stranded = tried.outside_hours.filter((one) => !already.has(one.id));
    if (stranded.length === 0) await run();
    else setQuestion({ stranded, run });
  }

  return {
    ask,
    question: question && (
      <Confirm
        title="Appointments outside these hours"
        yes="Save all the same"
        no="Go back"
        run={question.run}
        onClose={() => setQuestion(null)}
      >
        <p>
          {question.stranded.length === 1
            ? "This appointment would be outside working hours. It stays booked until you move or cancel it, and nobody is told:"
            : `These ${question.stranded.length} appointments would be outside working hours. They stay booked until you move or cancel them, and nobody is told:`}
        </p>
        <Stranded appointments={question.stranded} />
      </Confirm>
    ),
  };
}

async function outsideNow(): Promise<Set<string>> {
  const { appointments } = await data(
    api.GET("/api/v1/appointments/outside-hours", { params: { query: { limit: 200 } } }),
  );
  return new Set(appointments.map((one) => one.id));
}

import { useState, type FormEvent } from "react";
import { api, ApiError, data } from "../../api/client";
import { Button } from "../../components/Button";
import { Failure } from "../../components/Notice";
import { AskIt, Entries } from "../settings/KnowledgePage";
import { SchemaField } from "../settings/form/SchemaField";
import { useChanged, useKnowledge } from "../settings/lists";
import { TradePicker } from "./TradePicker";
import type { Trade } from "./suggestions";

export function KnowledgeStep() {
  const [trade, setTrade] = useState<Trade | null>(null);
  const { data: entries } = useKnowledge();
  const there = new Set((entries ?? []).map((one) => one.question.toLowerCase()));
  const open = (trade?.questions ?? []).filter((one) => !there.has(one.toLowerCase()));
  return (
    <>
      <p className="page-intro">
        What callers ask you most, and what they should be told. What is not here the assistant does
        not know, and takes a message for.
      </p>
      <TradePicker trade={trade} onPick={setTrade} />
      {open.map((question) => (
        <FirstAnswer key={question} question={question} />
      ))}
      <Entries />
      {(entries ?? []).length > 0 && <AskIt />}
    </>
  );
}

function FirstAnswer({ question }: { question: string }) {
  const changed = useChanged("knowledge");
  const [answer, setAnswer] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const said = failure instanceof ApiError ? failure.fields.get("answer") : undefined;

  async function save(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      await data(api.POST("/api/v1/knowledge", { body: { question, answer, active: true } }));
      await changed();
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  }

  return (
    <form className="card first-answer" onSubmit={(event) => void save(event)}>
      {said === undefined && <Failure error={failure} />}
      <SchemaField
        schema="NewKnowledgeEntry"
        name="answer"
        label={question}
        kind="area"
        rows={2}
        value={answer}
        error={said}
        onChange={(value) => setAnswer(String(value))}
      />
      <Button
        type="submit"
        busy={busy}
        disabled={answer.trim() === ""}
        aria-label={`Keep the answer to: ${question}`}
      >
        Keep
      </Button>
    </form>
  );
}

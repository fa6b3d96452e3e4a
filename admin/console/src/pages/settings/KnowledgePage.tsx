import { useState, type FormEvent } from "react";
import { api, ApiError, data, type Schemas } from "../../api/client";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { Failure, Notice } from "../../components/Notice";
import { Collection } from "./form/Collection";
import type { FieldShape } from "./form/SchemaField";
import { useChanged, useKnowledge } from "./lists";

type Entry = Schemas["KnowledgeEntry"];

export const KNOWLEDGE_FIELDS: readonly FieldShape[] = [
  { name: "question", label: "Question" },
  { name: "answer", label: "Answer", kind: "area", rows: 5 },
  { name: "active", label: "Told to callers" },
];

export function KnowledgePage() {
  return (
    <>
      <p className="page-intro">
        What callers ask, and what they are told. Hours, address, services and prices are known from
        their own pages.
      </p>
      <AskIt />
      <Entries />
    </>
  );
}

export function Entries() {
  const { data: entries, error } = useKnowledge();
  return (
    <Collection<Entry>
      noun="an entry"
      rows={entries}
      error={error}
      empty="Nothing yet. Begin with what people ask you most."
      nameOf={(row) => row.question}
      about={(row) => (row.active ? row.answer : `(told to nobody) ${row.answer}`)}
      schema="NewKnowledgeEntry"
      laterSchema="KnowledgeEntryChange"
      fields={KNOWLEDGE_FIELDS}
      blank={{ question: "", answer: "", active: true }}
      valuesOf={({ question, answer, active }) => ({ question, answer, active })}
      create={(values) =>
        data(api.POST("/api/v1/knowledge", { body: values as Schemas["NewKnowledgeEntry"] }))
      }
      update={(row, change) =>
        data(
          api.PATCH("/api/v1/knowledge/{entry_id}", {
            params: { path: { entry_id: row.id } },
            body: change as Schemas["KnowledgeEntryChange"],
          }),
        )
      }
      remove={{
        label: "Delete",
        question: () =>
          "It is gone for good. To keep it for later, change it to be told to nobody.",
        run: (row) =>
          data(
            api.DELETE("/api/v1/knowledge/{entry_id}", {
              params: { path: { entry_id: row.id } },
            }),
          ),
      }}
      changed={useChanged("knowledge")}
      dimmed={(row) => !row.active}
    />
  );
}

export function AskIt() {
  const [question, setQuestion] = useState("");
  const [answer, setAnswer] = useState<Schemas["WordedAnswer"] | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const error = failure instanceof ApiError ? failure.fields.get("question") : undefined;

  async function ask(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    setAnswer(null);
    try {
      setAnswer(await data(api.POST("/api/v1/knowledge/ask", { body: { question } })));
    } catch (caught) {
      setFailure(caught);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className="card ask-it" onSubmit={(event) => void ask(event)}>
      <h2>Ask it</h2>
      <Field
        label="A question, as a caller would ask it"
        error={error}
        help="Answered as on a call, from the entries below alone."
      >
        <input
          value={question}
          maxLength={500}
          autoComplete="off"
          onChange={(event) => setQuestion(event.target.value)}
        />
      </Field>
      <Button kind="main" type="submit" busy={busy} disabled={question.trim() === ""}>
        {busy ? "Thinking…" : "Ask"}
      </Button>
      {error === undefined && <Failure error={failure} />}
      <div aria-live="polite">{answer !== null && <Answered answer={answer} />}</div>
    </form>
  );
}

function Answered({ answer }: { answer: Schemas["WordedAnswer"] }) {
  return (
    <div className="answered">
      {answer.outcome === "unknown" && (
        <Notice>
          That is not in your knowledge. A caller is told so, and may leave a message for you.
        </Notice>
      )}
      {answer.outcome === "not_worded" && (
        <Notice kind="error">
          Entries were found, but the model did not answer. It would be told to callers from these:
        </Notice>
      )}
      {answer.answer !== null && <blockquote>{answer.answer}</blockquote>}
      {answer.entries.length > 0 && (
        <>
          <h3>From these entries</h3>
          <ul>
            {answer.entries.map((one) => (
              <li key={one.entry_id}>
                <strong>{one.question}</strong> {one.answer}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

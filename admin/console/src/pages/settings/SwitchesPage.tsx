import { useState, type FormEvent } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { api, ApiError, data, type Schemas } from "../../api/client";
import { Button } from "../../components/Button";
import { Failure, Notice, Unread } from "../../components/Notice";
import { dateAndClock } from "../../components/time";
import { SWITCHES, useSwitches } from "../../components/SwitchBanner";
import { SchemaField } from "./form/SchemaField";
import { useZone } from "../../session";

type Switch = Schemas["Switch"];

const MODES = [
  { value: "on", label: "On" },
  { value: "messages_only", label: "Messages only" },
  { value: "off", label: "Off" },
];

export function SwitchesPage() {
  const { data: state, error } = useSwitches();
  if (state === undefined) return <Unread what="the switch" error={error} />;
  return <Form key={`${state.mode} ${state.forward_to}`} state={state} />;
}

function Form({ state }: { state: Switch }) {
  const queries = useQueryClient();
  const zone = useZone();
  const [mode, setMode] = useState<unknown>(state.mode);
  const [forwardTo, setForwardTo] = useState<unknown>(state.forward_to);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const said = failure instanceof ApiError ? failure.fields : new Map<string, string>();
  const changed = mode !== state.mode || forwardTo !== state.forward_to;

  async function save(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      const next = await data(
        api.PUT("/api/v1/switches", {
          body: { mode: mode as Switch["mode"], forward_to: String(forwardTo) },
        }),
      );
      queries.setQueryData(SWITCHES, next);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void save(event)}>
      <p className="page-intro">
        In force at once, for calls that go on too.
        {state.changed_at !== null && ` Last switched ${dateAndClock(state.changed_at, zone)}.`}
      </p>
      {state.mode !== "on" && (
        <Notice>
          {state.mode === "off"
            ? "The assistant is off."
            : "The assistant takes messages only, and books nothing."}
        </Notice>
      )}
      {said.size === 0 && <Failure error={failure} />}
      <SchemaField
        schema="SwitchChange"
        name="mode"
        label="The assistant"
        options={MODES}
        help="On: it answers and does all that it may. Messages only: it takes messages and connects callers with people, and books nothing. Off: calls go to the number below, or to voicemail."
        value={mode}
        onChange={setMode}
        error={said.get("mode")}
      />
      <SchemaField
        schema="SwitchChange"
        name="forward_to"
        label="While it is off, calls go to"
        kind="tel"
        value={forwardTo}
        onChange={setForwardTo}
        error={said.get("forward_to")}
      />
      <Button kind="main" type="submit" busy={busy} disabled={!changed}>
        Switch
      </Button>
    </form>
  );
}

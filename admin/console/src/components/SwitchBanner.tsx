import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ApiError, data, type Schemas } from "../api/client";
import { useMay } from "../session";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { Field } from "./Field";
import { Failure } from "./Notice";

type Switch = Schemas["Switch"];
type Mode = Switch["mode"];

/** The key of the query: who changes the switch puts the answer there. */
export const SWITCHES = ["switches"];

const MODES: readonly { mode: Mode; name: string; help: string }[] = [
  { mode: "on", name: "On", help: "The assistant answers and does all that it may." },
  {
    mode: "messages_only",
    name: "Messages only",
    help: "The assistant takes messages and connects callers with people, and books nothing.",
  },
  { mode: "off", name: "Off", help: "Calls go to a telephone, or to voicemail." },
];

export function useSwitches() {
  return useQuery({ queryKey: SWITCHES, queryFn: () => data(api.GET("/api/v1/switches")) });
}

/** What the assistant is switched to, for managers to change. */
export function SwitchButton() {
  const { data: switches } = useSwitches();
  const may = useMay();
  const [open, setOpen] = useState(false);
  if (switches === undefined || !may("manager")) return null;
  return (
    <>
      <Button className={`switch-${switches.mode}`} onClick={() => setOpen(true)}>
        Assistant: {nameOf(switches.mode)}
      </Button>
      {open && <SwitchDialog switches={switches} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Seen on every page while the assistant is not fully on. */
export function SwitchBanner() {
  const { data: switches } = useSwitches();
  if (switches === undefined || switches.mode === "on") return null;
  return (
    <div className="switch-banner" role="status">
      {switches.mode === "messages_only"
        ? "The assistant only takes messages."
        : `The assistant is off: calls go to ${switches.forward_to || "voicemail"}.`}
    </div>
  );
}

function SwitchDialog({ switches, onClose }: { switches: Switch; onClose: () => void }) {
  const queries = useQueryClient();
  const [mode, setMode] = useState(switches.mode);
  const [forwardTo, setForwardTo] = useState(switches.forward_to);
  const change = useMutation({
    mutationFn: () =>
      data(
        api.PUT("/api/v1/switches", {
          body: { mode, forward_to: forwardTo.trim() },
        }),
      ),
    onSuccess: (now) => {
      queries.setQueryData(SWITCHES, now);
      onClose();
    },
  });
  const fields = change.error instanceof ApiError ? change.error.fields : new Map();
  return (
    <Dialog title="Switch the assistant" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        {!fields.has("forward_to") && <Failure error={change.error} />}
        <fieldset className="choices">
          <legend>It takes effect at once, for calls in progress too.</legend>
          {MODES.map((one) => (
            <label key={one.mode}>
              <input
                type="radio"
                name="mode"
                checked={mode === one.mode}
                onChange={() => setMode(one.mode)}
              />
              <span>
                <strong>{one.name}</strong>
                <span className="field-help">{one.help}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {mode === "off" && (
          <Field
            label="Calls go to"
            help="A telephone number; leave it empty for voicemail."
            error={fields.get("forward_to")}
          >
            <input
              type="tel"
              autoComplete="off"
              value={forwardTo}
              onChange={(event) => setForwardTo(event.target.value)}
            />
          </Field>
        )}
        <div className="actions">
          <Button kind={mode === "off" ? "danger" : "main"} type="submit" busy={change.isPending}>
            {mode === switches.mode ? "Save" : `Switch to “${nameOf(mode)}”`}
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}

function nameOf(mode: Mode): string {
  return MODES.find((one) => one.mode === mode)?.name ?? mode;
}

import { useEffect, useMemo, useState, type FormEvent } from "react";
import { api, ApiError, data, type Schemas } from "../../api/client";
import { Button } from "../../components/Button";
import { Failure, Notice } from "../../components/Notice";
import { useMay, useSession, useSessionState } from "../../session";
import { useDraft } from "../settings/business/draft";
import { HearIt } from "../settings/business/HearIt";
import { SettingField } from "../settings/business/SettingField";
import { SchemaField } from "../settings/form/SchemaField";
import { useDocument } from "../settings/form/schema";
import { useUnsaved } from "../settings/form/unsaved";
import { toChange, wrongNames, type Values } from "../settings/form/values";
import { countries, zones } from "./places";
import { greetingFor } from "./suggestions";

const NAMES = ["name", "time_zone", "country"];

export function Basics({ onSaved }: { onSaved: () => void }) {
  const { business } = useSession();
  const { refresh } = useSessionState();
  const owner = useMay()("owner");
  const draft = useDraft();
  const { data: document } = useDocument();
  const [saved, setSaved] = useState<Values>({
    name: business?.name ?? "",
    time_zone: business?.time_zone ?? "UTC",
    country: business?.country ?? "US",
  });
  const [values, setValues] = useState(saved);
  const [strict, setStrict] = useState(false);
  const [busy, setBusy] = useState(false);
  const [moving, setMoving] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const said = failure instanceof ApiError ? failure.fields : new Map<string, string>();
  const change = toChange(saved, values);
  const dirty = Object.keys(change).length > 0 || draft.changed.length > 0;
  useUnsaved(dirty && !moving);
  useEffect(() => {
    // Only now that nothing counts as unsaved any more: going on before would be asked about.
    if (moving) onSaved();
  }, [moving, onSaved]);
  const zoneChoices = useMemo(() => zones(String(saved["time_zone"])), [saved]);
  const countryChoices = useMemo(countries, []);

  async function save(event: FormEvent) {
    event.preventDefault();
    setStrict(true);
    if (document === undefined || business === null) return;
    if (wrongNames(document, "BusinessChange", NAMES, values).length > 0) return;
    setBusy(true);
    setFailure(null);
    try {
      if (Object.keys(change).length > 0) {
        await data(
          api.PATCH("/api/v1/businesses/{business_id}", {
            params: { path: { business_id: business.id } },
            body: change as Schemas["BusinessChange"],
          }),
        );
        setSaved(values);
        await refresh();
      }
      if (draft.changed.length > 0 && !(await draft.save())) return;
      setMoving(true);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  }

  const field = (name: string, label: string, help: string, options?: typeof zoneChoices) => (
    <SchemaField
      schema="BusinessChange"
      name={name}
      label={label}
      help={help}
      {...(options === undefined ? {} : { options })}
      value={values[name]}
      disabled={!owner}
      strict={strict}
      error={said.get(name) ?? (strict && values[name] === "" ? "Fill this in." : undefined)}
      onChange={(value) => setValues((now) => ({ ...now, [name]: value ?? "" }))}
    />
  );

  return (
    <form noValidate onSubmit={(event) => void save(event)}>
      {!owner && <Notice>Only an owner changes the name, the time zone and the country.</Notice>}
      {said.size === 0 && <Failure error={failure} />}
      <Failure error={draft.failure} />
      {draft.conflict !== null && (
        <Notice kind="error">
          Somebody else changed the settings meanwhile.{" "}
          <Button onClick={draft.yield_}>Show theirs</Button>{" "}
          <Button onClick={() => void draft.merge()}>Save mine on top</Button>
        </Notice>
      )}
      {field("name", "Name of the business", "As callers hear it.")}
      {field("time_zone", "Time zone", "In which its hours and appointments are.", zoneChoices)}
      {field(
        "country",
        "Country",
        "Its public holidays, and how numbers without a country code are read.",
        countryChoices,
      )}
      <SettingField name="language" label="Language" />
      <SettingField name="greeting" label="Greeting" kind="area" rows={3}>
        <div className="actions">
          <Button onClick={() => draft.set("greeting", greetingFor(String(values["name"]).trim()))}>
            Suggest one
          </Button>
          <HearIt
            label="Hear it"
            text={draft.document.greeting}
            voice={draft.document.voice ?? ""}
          />
        </div>
      </SettingField>
      <SettingField name="address" label="Address" />
      <div className="actions step-actions">
        <Button kind="main" type="submit" busy={busy || draft.busy}>
          {dirty ? "Save and go on" : "Next"}
        </Button>
      </div>
    </form>
  );
}

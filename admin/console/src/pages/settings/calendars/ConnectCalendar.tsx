import { useState, type FormEvent, type ReactNode } from "react";
import { api, ApiError, data, type Schemas } from "../../../api/client";
import { Button } from "../../../components/Button";
import { Dialog } from "../../../components/Dialog";
import { Failure, Notice } from "../../../components/Notice";
import { SchemaField, type FieldShape } from "../form/SchemaField";
import { useDocument } from "../form/schema";
import { wrongNames, type Values } from "../form/values";
import { optionsOf, useChanged, usePeople } from "../lists";
import { signIn, takesSignIn } from "./signIn";

type Kind = Schemas["NewCalendar"]["kind"];
type Found = Schemas["FoundCalendar"];

const KINDS: readonly { value: Kind; label: string }[] = [
  { value: "caldav", label: "CalDAV (Nextcloud, iCloud, Fastmail, …)" },
  { value: "google", label: "Google" },
  { value: "microsoft", label: "Microsoft 365" },
  { value: "ics", label: "A subscription (ICS), to read alone" },
];

const ACCESS: Readonly<Record<string, readonly FieldShape[]>> = {
  caldav: [
    { name: "url", label: "Address of the server", kind: "url" },
    { name: "user", label: "User" },
    { name: "password", label: "Password", kind: "password", autoComplete: "off" },
  ],
  ics: [
    { name: "url", label: "Address", kind: "url" },
    { name: "user", label: "User", help: "Only if it asks for one." },
    { name: "password", label: "Password", kind: "password", autoComplete: "off" },
  ],
};

/** Connects an outside calendar; on a CalDAV server the calendars are looked for first. */
export function ConnectCalendar({ onClose }: { onClose: () => void }) {
  const { data: people } = usePeople();
  const { data: document } = useDocument();
  const changed = useChanged("calendars");
  const [values, setValues] = useState<Values>({
    person_id: "",
    kind: "caldav",
    name: "",
    direction: "both",
    show_names: false,
  });
  const [access, setAccess] = useState<Values>({ url: "", user: "", password: "" });
  const [found, setFound] = useState<readonly Found[] | null>(null);
  const [strict, setStrict] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const kind = values["kind"] as Kind;
  const said = failure instanceof ApiError ? failure.fields : new Map<string, string>();
  const known = [...said.keys()].some((name) =>
    /^(access\.)?(url|user|password|name|person_id)$/.test(name),
  );
  const set = (name: string, value: unknown) => setValues((now) => ({ ...now, [name]: value }));

  async function attempt(deed: () => Promise<unknown>) {
    setBusy(true);
    setFailure(null);
    try {
      await deed();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  }

  const look = () =>
    attempt(async () => {
      const server = access as Schemas["CalendarServer"];
      const page = await data(api.POST("/api/v1/calendars/discover", { body: server }));
      setFound(page.items);
    });

  function send(event: FormEvent) {
    event.preventDefault();
    setStrict(true);
    if (document === undefined) return;
    if (wrongNames(document, "NewCalendar", ["person_id", "name"], values).length > 0) return;
    void attempt(async () => {
      const given = Object.fromEntries(Object.entries(access).filter(([, value]) => value !== ""));
      const made = await data(
        api.POST("/api/v1/calendars", {
          body: {
            ...values,
            direction: kind === "ics" ? "in" : values["direction"],
            access: takesSignIn(kind) ? {} : given,
          } as Schemas["NewCalendar"],
        }),
      );
      if (takesSignIn(kind)) await signIn(made.id);
      await changed();
      onClose();
    });
  }

  const field = (shape: FieldShape, children?: ReactNode) => (
    <SchemaField
      key={shape.name}
      {...shape}
      schema="NewCalendar"
      value={values[shape.name]}
      error={said.get(shape.name)}
      strict={strict}
      onChange={(value) => set(shape.name, value)}
    >
      {children}
    </SchemaField>
  );

  return (
    <Dialog title="Connect a calendar" onClose={onClose}>
      <form noValidate onSubmit={send}>
        {failure !== null && !known && <Failure error={failure} />}
        {field({ name: "kind", label: "Kind", options: KINDS })}
        {field({ name: "person_id", label: "Whose it is", options: optionsOf(people) })}
        {field({ name: "name", label: "Name", help: "What you call it." })}
        {(ACCESS[kind] ?? []).map((shape) => (
          <SchemaField
            key={shape.name}
            {...shape}
            schema="CalendarAccess"
            value={access[shape.name]}
            error={said.get(`access.${shape.name}`) ?? said.get(shape.name)}
            onChange={(value) => setAccess((now) => ({ ...now, [shape.name]: value ?? "" }))}
          />
        ))}
        {kind === "caldav" && (
          <div className="found">
            <Button
              busy={busy}
              disabled={!access["url"] || !access["user"] || !access["password"]}
              onClick={() => void look()}
            >
              Look for calendars there
            </Button>
            {found?.length === 0 && <Notice>There is no calendar on this server.</Notice>}
            {found?.map((one) => (
              <label key={one.url} className="choice">
                <input
                  type="radio"
                  name="found"
                  checked={access["url"] === one.url}
                  onChange={() => {
                    setAccess((now) => ({ ...now, url: one.url }));
                    if (values["name"] === "") set("name", one.name);
                    if (!one.writable) set("direction", "in");
                  }}
                />
                {one.name} {one.writable ? "" : "(to read alone)"}
              </label>
            ))}
          </div>
        )}
        {takesSignIn(kind) && (
          <Notice>Its owner signs in on the vendor's page, which opens in a new tab.</Notice>
        )}
        {kind !== "ics" && field({ name: "direction", label: "Direction", help: DIRECTION })}
        {kind !== "ics" && field({ name: "show_names", label: "Show names", help: SHOW_NAMES })}
        <div className="actions">
          <Button kind="main" type="submit" busy={busy}>
            Connect
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}

const DIRECTION =
  "In: its events block times. Out: appointments are written into it. Both: it is kept in step.";
const SHOW_NAMES = "Whether entries name who comes, by first name; otherwise the service alone.";

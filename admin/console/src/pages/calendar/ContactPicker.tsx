import { useDeferredValue, useState } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, data, type Schemas } from "../../api/client";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { Failure } from "../../components/Notice";

type Contact = Schemas["Contact"];

/** Somebody who is known, or somebody to be entered with the appointment. */
export type Chosen =
  { kind: "known"; contact: Contact } | { kind: "new"; name: string; phone: string };

interface Props {
  chosen: Chosen | null;
  errors: ReadonlyMap<string, string>;
  onChoose: (chosen: Chosen | null) => void;
}

const LEAST_LETTERS = 2;

export function ContactPicker({ chosen, errors, onChoose }: Props) {
  if (chosen?.kind === "known") {
    const { name, phone } = chosen.contact;
    return (
      <div className="contact-chosen">
        <span>
          <strong>{name ?? "Without a name"}</strong> {phone}
        </span>
        <Button kind="quiet" onClick={() => onChoose(null)}>
          Somebody else
        </Button>
      </div>
    );
  }
  if (chosen?.kind === "new") {
    return <NewContact chosen={chosen} errors={errors} onChoose={onChoose} />;
  }
  return <ContactSearch errors={errors} onChoose={onChoose} />;
}

function ContactSearch({ errors, onChoose }: Omit<Props, "chosen">) {
  const [typed, setTyped] = useState("");
  const search = useDeferredValue(typed.trim());
  const isNumber = /^[+()\d\s.-]+$/.test(search);
  const enough = isNumber ? search.replace(/\D/g, "").length >= 3 : search.length >= LEAST_LETTERS;
  const found = useQuery({
    queryKey: ["contacts", search],
    queryFn: ({ signal }) =>
      data(api.GET("/api/v1/contacts", { params: { query: { search, limit: 6 } }, signal })),
    enabled: enough,
    placeholderData: keepPreviousData,
  });
  const contacts = enough ? (found.data?.items ?? []) : [];
  return (
    <>
      <Field
        label="Who comes"
        help="Part of the name, or of the telephone number."
        error={errors.get("contact_id")}
      >
        <input
          type="search"
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            // Enter takes the only one that is left; it must not send a form without anybody.
            if (event.key !== "Enter" || typed === "") return;
            event.preventDefault();
            const only = contacts.length === 1 ? contacts[0] : undefined;
            if (only) onChoose({ kind: "known", contact: only });
          }}
        />
      </Field>
      <Failure error={found.error} />
      {enough && (
        <ul className="contact-results" aria-label="Contacts found" aria-live="polite">
          {contacts.map((contact) => (
            <li key={contact.id}>
              <Button onClick={() => onChoose({ kind: "known", contact })}>
                <strong>{contact.name ?? "Without a name"}</strong> {contact.phone}
              </Button>
            </li>
          ))}
          {found.isSuccess && !found.isPlaceholderData && contacts.length === 0 && (
            <li>Nobody is found.</li>
          )}
          <li>
            <Button
              kind="quiet"
              onClick={() =>
                onChoose({
                  kind: "new",
                  name: isNumber ? "" : search,
                  phone: isNumber ? search : "",
                })
              }
            >
              Enter a new contact
            </Button>
          </li>
        </ul>
      )}
    </>
  );
}

function NewContact({
  chosen,
  errors,
  onChoose,
}: Omit<Props, "chosen"> & { chosen: Extract<Chosen, { kind: "new" }> }) {
  return (
    <fieldset className="contact-new">
      <legend>A new contact</legend>
      <Field label="Name" error={errors.get("name")}>
        <input
          value={chosen.name}
          maxLength={120}
          autoComplete="off"
          onChange={(event) => onChoose({ ...chosen, name: event.target.value })}
        />
      </Field>
      <Field label="Telephone number" error={errors.get("phone")}>
        <input
          type="tel"
          value={chosen.phone}
          maxLength={40}
          autoComplete="off"
          onChange={(event) => onChoose({ ...chosen, phone: event.target.value })}
        />
      </Field>
      <Button kind="quiet" onClick={() => onChoose(null)}>
        Search instead
      </Button>
    </fieldset>
  );
}

import { useRef, useState, type FormEvent } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { api, ApiError, data } from "../../api/client";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { Field } from "../../components/Field";
import { Notice } from "../../components/Notice";
import {
  alternativesTo,
  book,
  overridesFor,
  reasonOf,
  RequestKey,
  type FreeTime,
  type Overrides,
} from "./changes";
import { ContactPicker, type Chosen } from "./ContactPicker";
import type { Directory, Service } from "./directory";
import { FreeTimes, overrideInWords } from "./MoveNotices";
import { APPOINTMENTS } from "./useCalendarData";
import { clockText, instantOf, minutesOf, wallTimeOf } from "./wallClock";
import type { Words } from "./words";

export interface BookAt {
  day: string;
  /** Null: not chosen yet. */
  minutes: number | null;
  personId: string | null;
  placeId: string | null;
}

interface Props {
  at: BookAt;
  directory: Directory;
  businessId: string;
  words: Words;
  onClose: () => void;
}

interface Refusal {
  wantedAt: string;
  error: unknown;
  alternatives: FreeTime[];
  overrides: Overrides | null;
}

const LONGEST_NOTE = 2000;

/** Books an appointment for a contact. */
export function BookingDialog({ at, directory, businessId, words, onClose }: Props) {
  const services = directory.services.filter((one) => one.active);
  const [serviceId, setServiceId] = useState("");
  const [personId, setPersonId] = useState(at.personId ?? "");
  const [placeId, setPlaceId] = useState(at.placeId ?? "");
  const [day, setDay] = useState(at.day);
  const [time, setTime] = useState(at.minutes === null ? "" : clockText(at.minutes));
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [note, setNote] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [missing, setMissing] = useState<ReadonlyMap<string, string>>(new Map());
  const [busy, setBusy] = useState(false);
  const queries = useQueryClient();
  const keys = useRef(new RequestKey());

  const people = directory.people.filter((one) => one.active && gives(services, serviceId, one.id));
  const places = directory.places.filter((one) => one.active);
  const errors = new Map([...fieldsOf(refusal?.error), ...missing]);

  async function submit(overrides: Overrides = {}, instead?: FreeTime) {
    const minutes = minutesOf(time);
    const startsAt =
      instead?.starts_at ??
      (minutes === null || day === ""
        ? null
        : new Date(instantOf(day, minutes, words.zone)).toISOString());
    const found = missingFrom({ serviceId, personId, startsAt, chosen });
    setMissing(found);
    if (found.size > 0 || startsAt === null || chosen === null) return;
    setBusy(true);
    setRefusal(null);
    const wanted = {
      service_id: serviceId,
      person_id: instead?.person_id ?? personId,
      starts_at: startsAt,
      place_id: (instead ? instead.place_id : placeId) || null,
    };
    try {
      const contactId = await contactOf(chosen, setChosen);
      const booking = {
        ...wanted,
        contact_id: contactId,
        attendee: null,
        note: note.trim() || null,
        outside_hours: false,
        over_busy: false,
        ...overrides,
      };
      await book(booking, keys.current.of(booking));
      await queries.invalidateQueries({ queryKey: APPOINTMENTS });
      onClose();
    } catch (error) {
      const { place_id: wantedPlace, ...rest } = wanted;
      const asked = { ...rest, ...(wantedPlace && { place_id: wantedPlace }) };
      const alternatives = await alternativesTo(error, asked, words.zone);
      setRefusal({ wantedAt: startsAt, error, alternatives, overrides: overridesFor(error) });
      setBusy(false);
      // Whoever has the time by now is shown.
      void queries.invalidateQueries({ queryKey: APPOINTMENTS });
    }
  }

  function take(instead: FreeTime) {
    const wall = wallTimeOf(Date.parse(instead.starts_at), words.zone);
    setDay(wall.day);
    setTime(clockText(wall.minutes));
    setPersonId(instead.person_id);
    void submit({}, instead);
  }

  return (
    <Dialog title="New appointment" onClose={onClose}>
      <form
        className="booking"
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Field label="Service" error={errors.get("service_id")}>
          <select
            value={serviceId}
            onChange={(event) => {
              setServiceId(event.target.value);
              if (!gives(services, event.target.value, personId)) setPersonId("");
            }}
          >
            <option value="">Choose a service</option>
            {services.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name} ({one.duration_minutes} min)
              </option>
            ))}
          </select>
        </Field>
        <Field label="With" error={errors.get("person_id")}>
          <select value={personId} onChange={(event) => setPersonId(event.target.value)}>
            <option value="">Choose a person</option>
            {people.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </Field>
        {places.length > 0 && (
          <Field label="Where" error={errors.get("place_id")}>
            <select value={placeId} onChange={(event) => setPlaceId(event.target.value)}>
              <option value="">Where they work then</option>
              <option value={businessId}>{words.place(null)}</option>
              {places.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
          </Field>
        )}
        <div className="booking-when">
          <Field label="Day">
            <input type="date" value={day} onChange={(event) => setDay(event.target.value)} />
          </Field>
          <Field label="Time" error={errors.get("starts_at")}>
            <input
              type="time"
              step={300}
              value={time}
              onChange={(event) => setTime(event.target.value)}
            />
          </Field>
        </div>
        <ContactPicker chosen={chosen} errors={errors} onChoose={setChosen} />
        <Field label="Note" error={errors.get("note")}>
          <textarea
            rows={2}
            value={note}
            maxLength={LONGEST_NOTE}
            onChange={(event) => setNote(event.target.value)}
          />
        </Field>
        {refusal && (
          <Notice kind="error">
            <p className="refused-why">{reasonOf(refusal.error)}</p>
            <div className="refused-ways">
              <FreeTimes
                times={refusal.alternatives}
                wantedAt={refusal.wantedAt}
                words={words}
                onTake={take}
              />
              {refusal.overrides && (
                <Button onClick={() => void submit(refusal.overrides ?? {})}>
                  {overrideInWords(refusal.overrides)}
                </Button>
              )}
            </div>
          </Notice>
        )}
        <div className="dialog-buttons">
          <Button kind="main" type="submit" busy={busy}>
            Book
          </Button>
          <Button kind="quiet" onClick={onClose}>
            Close
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function gives(services: readonly Service[], serviceId: string, personId: string): boolean {
  const listed = services.find((one) => one.id === serviceId)?.person_ids ?? [];
  return listed.length === 0 || listed.includes(personId);
}

function missingFrom(given: {
  serviceId: string;
  personId: string;
  startsAt: string | null;
  chosen: Chosen | null;
}): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (!given.serviceId) found.set("service_id", "Choose a service.");
  if (!given.personId) found.set("person_id", "Choose a person.");
  if (given.startsAt === null) found.set("starts_at", "Choose a day and a time.");
  if (given.chosen === null) found.set("contact_id", "Choose who comes.");
  return found;
}

/** The contact's id. One that was entered is known from then on, whatever becomes of the appointment. */
async function contactOf(chosen: Chosen, know: (chosen: Chosen) => void): Promise<string> {
  if (chosen.kind === "known") return chosen.contact.id;
  const contact = await data(
    api.POST("/api/v1/contacts", {
      body: {
        name: chosen.name.trim() || null,
        phone: chosen.phone.trim() || null,
        email: null,
        date_of_birth: null,
        notes: null,
      },
    }),
  );
  know({ kind: "known", contact });
  return contact.id;
}

function fieldsOf(error: unknown): ReadonlyMap<string, string> {
  return error instanceof ApiError ? error.fields : new Map<string, string>();
}

/** Changing appointments through the API: what it refuses comes back with what it offers instead. */
import { api, ApiError, data, type Schemas } from "../../api/client";
import { capital } from "../../words";
import { wallTimeOf } from "./wallClock";

type Appointment = Schemas["Appointment"];
export type FreeTime = Schemas["FreeTime"];

/** Which of the rules that bind callers staff set aside. */
export interface Overrides {
  outside_hours?: boolean;
  over_busy?: boolean;
}

export interface MoveTo extends Overrides {
  starts_at: string;
  person_id?: string;
  place_id?: string;
}

const UNCHANGED: Schemas["AppointmentChange"] = {
  starts_at: null,
  person_id: null,
  place_id: null,
  outside_hours: false,
  over_busy: false,
  contact_id: null,
  attendee: null,
  note: null,
  reason: "",
};

export type Booking = Schemas["NewAppointment"];

export function move(appointment: Appointment, to: MoveTo, key: string): Promise<Appointment> {
  return data(
    api.PATCH("/api/v1/appointments/{appointment_id}", {
      params: {
        path: { appointment_id: appointment.id },
        // Somebody else may have moved it since it was drawn.
        header: { "Idempotency-Key": key, "If-Match": String(appointment.version) },
      },
      body: { ...UNCHANGED, ...to },
    }),
  );
}

export function book(booking: Booking, key: string): Promise<Appointment> {
  return data(
    api.POST("/api/v1/appointments", {
      params: { header: { "Idempotency-Key": key } },
      body: booking,
    }),
  );
}

export function confirm(appointmentId: string, key: string): Promise<Appointment> {
  return data(
    api.POST("/api/v1/appointments/{appointment_id}/confirm", {
      params: { path: { appointment_id: appointmentId }, header: { "Idempotency-Key": key } },
    }),
  );
}

export function cancel(
  appointmentId: string,
  cancellation: Schemas["Cancellation"],
  key: string,
): Promise<Schemas["CancelledAppointment"]> {
  return data(
    api.POST("/api/v1/appointments/{appointment_id}/cancel", {
      params: { path: { appointment_id: appointmentId }, header: { "Idempotency-Key": key } },
      body: cancellation,
    }),
  );
}

/** One request's key: the same for the same request sent again, another for another. */
export class RequestKey {
  private request = "";
  private key = "";

  of(request: unknown): string {
    const text = JSON.stringify(request);
    if (text !== this.request || this.key === "") {
      this.request = text;
      this.key = newKey();
    }
    return this.key;
  }

  /** What was carried out is another request when it is asked for again. */
  done(): void {
    this.key = "";
  }
}

/** Other times: those that the refusal names, or those that are free on that day. */
export async function alternativesTo(
  error: unknown,
  wanted: { service_id: string; person_id?: string; place_id?: string; starts_at: string },
  zone: string,
): Promise<FreeTime[]> {
  if (!(error instanceof ApiError)) return [];
  const named = error.problem["alternatives"];
  if (Array.isArray(named) && named.length > 0) return named as FreeTime[];
  if (error.status !== 422 || !error.fields.has("starts_at")) return [];
  const { service_id, person_id, place_id, starts_at } = wanted;
  const { day } = wallTimeOf(Date.parse(starts_at), zone);
  try {
    const found = await data(
      api.GET("/api/v1/availability", {
        params: {
          query: {
            service_id,
            first_day: day,
            ...(person_id && { person_id }),
            ...(place_id && { place_id }),
            limit: 3,
          },
        },
      }),
    );
    return found.times.length > 0 ? found.times : found.alternatives.slice(0, 3);
  } catch {
    return []; // the refusal alone is the answer
  }
}

/** What staff may set aside to have it all the same. */
export function overridesFor(error: unknown): Overrides | null {
  if (!(error instanceof ApiError)) return null;
  const why = error.fields.get("starts_at") ?? error.message;
  if (/outside working hours|gives no more|not given more often/.test(why)) {
    return { outside_hours: true };
  }
  return error.status === 409 && /their own calendar/.test(why) ? { over_busy: true } : null;
}

/** Why it was refused, as a sentence. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof ApiError)) return "The server could not be reached.";
  if (error.status === 412) return "Somebody else has changed it meanwhile.";
  const named = [...error.fields.entries()].map(([field, why]) =>
    field === "starts_at" ? `the time ${why}` : `${field.replace(/_id$/, "")} ${why}`,
  );
  const text = named.length > 0 ? named.join("; ") : error.message;
  const sentence = capital(text);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** A random UUID; `crypto.randomUUID` is there on https only. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

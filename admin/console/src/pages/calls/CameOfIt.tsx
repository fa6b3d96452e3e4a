import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, data, type Schemas } from "../../api/client";
import { Failure } from "../../components/Notice";
import { dateAndClock } from "../../components/time";
import { wallTimeOf } from "../calendar/wallClock";
import { ledTo } from "./conversation";
import type { CallEvent, Names } from "./words";

interface Props {
  call: Schemas["Call"];
  events: readonly CallEvent[];
  names: Names;
}

/** The appointments, messages and the contact that a call led to. */
export function CameOfIt({ call, events, names }: Props) {
  const led = ledTo(events);
  const contactId = call.contact_id ?? led.contactIds.at(-1);
  const appointments = useQueries({
    queries: led.appointmentIds.map((id) => ({
      queryKey: ["appointment", id],
      queryFn: () =>
        data(
          api.GET("/api/v1/appointments/{appointment_id}", {
            params: { path: { appointment_id: id } },
          }),
        ),
    })),
  });
  const messages = useQuery({
    queryKey: ["messages", { call: call.id }],
    queryFn: () =>
      data(api.GET("/api/v1/messages", { params: { query: { call_id: call.id, limit: 50 } } })),
    enabled: led.tookMessage,
  });
  const contact = useQuery({
    queryKey: ["contact", contactId],
    queryFn: () =>
      data(
        api.GET("/api/v1/contacts/{contact_id}", {
          params: { path: { contact_id: contactId ?? "" } },
        }),
      ),
    enabled: contactId !== undefined,
  });
  const nothing = led.appointmentIds.length === 0 && !led.tookMessage && contactId === undefined;
  return (
    <section aria-labelledby="came-of-it" className="card came-of-it">
      <h2 id="came-of-it">What came of it</h2>
      {nothing && <p className="call-none">Nothing that was written down.</p>}
      <Failure error={[...appointments, messages, contact].find((one) => one.error)?.error} />
      <ul>
        {appointments.map(
          ({ data: one }) =>
            one && (
              <li key={one.id}>
                <AppointmentLink appointment={one} names={names} />
              </li>
            ),
        )}
        {messages.data?.items.map((message) => (
          <li key={message.id}>
            <strong>Message</strong>
            {message.urgency !== "normal" && <span className="tag">{message.urgency}</span>}
            {(message.caller_name || message.caller_phone) && (
              <span>
                {" "}
                from {[message.caller_name, message.caller_phone].filter(Boolean).join(", ")}
              </span>
            )}
            <p className="message-text">{message.text}</p>
            {message.call_back_time && <p>To be called back: {message.call_back_time}</p>}
          </li>
        ))}
        {contact.data && (
          <li>
            <strong>Contact</strong> {contact.data.name ?? "without a name"}
            <ContactWays contact={contact.data} />
          </li>
        )}
      </ul>
    </section>
  );
}

function AppointmentLink({
  appointment,
  names,
}: {
  appointment: Schemas["Appointment"];
  names: Names;
}) {
  const { day } = wallTimeOf(Date.parse(appointment.starts_at), names.zone);
  const person = names.person(appointment.person_id);
  return (
    <>
      <Link to={`/calendar?view=day&day=${day}&appointment=${appointment.id}`}>
        {names.service(appointment.service_id) ?? "Appointment"},{" "}
        {dateAndClock(appointment.starts_at, names.zone)}
      </Link>
      {person && ` with ${person}`}
      {appointment.state === "cancelled" && <span className="tag">cancelled</span>}
    </>
  );
}

function ContactWays({ contact }: { contact: Schemas["Contact"] }) {
  return (
    <span className="contact-ways">
      {contact.phone && <a href={`tel:${contact.phone}`}>{contact.phone}</a>}
      {contact.email && <a href={`mailto:${contact.email}`}>{contact.email}</a>}
      <Link to={`/calls?phone=${encodeURIComponent(contact.phone ?? "")}`} hidden={!contact.phone}>
        All their calls
      </Link>
    </span>
  );
}

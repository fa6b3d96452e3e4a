import { useQuery } from "@tanstack/react-query";
import { api, data, type Schemas } from "../../../api/client";
import { dateAndClock } from "../../../components/time";
import { useZone } from "../../../session";
import { nameIn, usePeople, useServices } from "../lists";

type Appointment = Schemas["Appointment"];
const SHOWN = 8;

/** Appointments that a change leaves outside working hours. */
export function Stranded({ appointments }: { appointments: readonly Appointment[] }) {
  const { data: people } = usePeople();
  const { data: services } = useServices();
  const zone = useZone();
  return (
    <ul className="stranded">
      {appointments.slice(0, SHOWN).map((one) => (
        <li key={one.id}>
          <strong>{dateAndClock(one.starts_at, zone)}</strong>
          <span>
            {[nameIn(services, one.service_id), nameIn(people, one.person_id)]
              .filter(Boolean)
              .join(" with ")}
          </span>
          <Attendee appointment={one} />
        </li>
      ))}
      {appointments.length > SHOWN && <li>and {appointments.length - SHOWN} more</li>}
    </ul>
  );
}

function Attendee({ appointment }: { appointment: Appointment }) {
  const id = appointment.contact_id;
  const { data: contact } = useQuery({
    queryKey: ["contact", id],
    enabled: id !== null && appointment.attendee === null,
    queryFn: () =>
      data(
        api.GET("/api/v1/contacts/{contact_id}", { params: { path: { contact_id: id ?? "" } } }),
      ),
  });
  const name = appointment.attendee ?? contact?.name;
  return name ? <span>{name}</span> : null;
}

import { useId, useState } from "react";
import { Closures } from "./hours/Closures";
import { Dates } from "./hours/Dates";
import { WeekEditor, type Owner } from "./hours/WeekEditor";
import { usePlaces } from "./lists";

export function HoursPage() {
  const { data: places } = usePlaces();
  const [placeId, setPlaceId] = useState("");
  const owner: Owner = placeId === "" ? {} : { place_id: placeId };
  return (
    <>
      <p className="page-intro">
        Callers are told these hours and book within them. People can have hours of their own, under
        People. A day may have several times; one that closes at or before it opens goes on into the
        next day.
      </p>
      {(places ?? []).length > 0 && <PlacePicker placeId={placeId} onPick={setPlaceId} />}
      <WeekEditor
        owner={owner}
        emptyMeans={
          placeId === ""
            ? "No hours yet: nothing can be booked."
            : "No hours of its own: it is open when the main address is."
        }
      />
      <Dates owner={owner} />
      <Closures owner={owner} title="Closures" />
    </>
  );
}

export function PlacePicker({
  placeId,
  onPick,
}: {
  placeId: string;
  onPick: (id: string) => void;
}) {
  const id = useId();
  const { data: places } = usePlaces();
  return (
    <div className="field">
      <label htmlFor={id}>Where</label>
      <select id={id} value={placeId} onChange={(event) => onPick(event.target.value)}>
        <option value="">The main address</option>
        {(places ?? [])
          .filter((one) => one.active)
          .map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
      </select>
    </div>
  );
}

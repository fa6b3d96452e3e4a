import { useId } from "react";
import { TRADES, type Trade } from "./suggestions";

export function TradePicker({
  trade,
  onPick,
}: {
  trade: Trade | null;
  onPick: (trade: Trade | null) => void;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Your trade</label>
      <select
        id={id}
        value={trade?.id ?? ""}
        onChange={(event) => onPick(TRADES.find((one) => one.id === event.target.value) ?? null)}
      >
        <option value="">Choose…</option>
        {TRADES.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
    </div>
  );
}

import { useState } from "react";
import { api, data } from "../../api/client";
import { Button } from "../../components/Button";
import { Failure } from "../../components/Notice";
import { ServicesPage } from "../settings/ServicesPage";
import { useChanged, useServices } from "../settings/lists";
import { TradePicker } from "./TradePicker";
import type { SuggestedService, Trade } from "./suggestions";

export function ServicesStep() {
  const [trade, setTrade] = useState<Trade | null>(null);
  return (
    <>
      <p className="page-intro">
        What callers can book. Choose your trade for a beginning; durations and prices can be
        changed at any time.
      </p>
      <TradePicker trade={trade} onPick={setTrade} />
      {trade !== null && <Suggested key={trade.id} trade={trade} />}
      <ServicesPage />
    </>
  );
}

function Suggested({ trade }: { trade: Trade }) {
  const { data: services } = useServices();
  const changed = useChanged("services");
  const there = new Set((services ?? []).map((one) => one.name.toLowerCase()));
  const offered = trade.services.filter((one) => !there.has(one.name.toLowerCase()));
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const chosen = offered.filter((one) => !left.has(one.name));

  async function add() {
    setBusy(true);
    setFailure(null);
    try {
      for (const one of chosen) {
        await data(api.POST("/api/v1/services", { body: newService(one) }));
      }
    } catch (error) {
      setFailure(error);
    } finally {
      await changed();
      setBusy(false);
    }
  }

  if (services === undefined || offered.length === 0) return <Failure error={failure} />;
  return (
    <fieldset className="choices suggested">
      <legend>Usual for: {trade.name}</legend>
      <Failure error={failure} />
      {offered.map((one) => (
        <label key={one.name} className="choice">
          <input
            type="checkbox"
            checked={!left.has(one.name)}
            onChange={(event) => {
              const next = new Set(left);
              if (event.target.checked) next.delete(one.name);
              else next.add(one.name);
              setLeft(next);
            }}
          />
          <span>
            {one.name} <span className="thing-about">{one.duration_minutes} minutes</span>
          </span>
        </label>
      ))}
      <Button busy={busy} disabled={chosen.length === 0} onClick={() => void add()}>
        Add {chosen.length === 1 ? "this one" : `these ${chosen.length}`}
      </Button>
    </fieldset>
  );
}

function newService(one: SuggestedService) {
  return {
    ...one,
    buffer_before_minutes: 0,
    buffer_after_minutes: 0,
    price: "",
    channel: "in_person" as const,
    capacity: 1,
    new_contacts_only: false,
    daily_limit: null,
    weekly_limit: null,
    minimum_notice_minutes: null,
  };
}

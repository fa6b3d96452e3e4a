import { useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ApiError, data, type Schemas } from "../../api/client";
import { Empty, Failure, Stale, Unread } from "../../components/Notice";
import { readSettings, settingsKey, useBusinessId, useDraft } from "./business/draft";
import { SettingField } from "./business/SettingField";
import { useAsking } from "./hours/asking";
import { longDay, today } from "./hours/days";
import { useZone } from "../../session";

type Holiday = Schemas["Holiday"];

export function HolidaysPage() {
  const thisYear = Number(today(useZone()).slice(0, 4));
  const [year, setYear] = useState(thisYear);
  return (
    <>
      <SettingField name="public_holidays.closed" label="Closed on public holidays" />
      <SettingField name="public_holidays.subdivision" label="Part of the country" />
      <div className="field">
        <label htmlFor="holidays-year">Year</label>
        <select
          id="holidays-year"
          value={year}
          onChange={(event) => setYear(Number(event.target.value))}
        >
          {[0, 1, 2].map((more) => (
            <option key={more} value={thisYear + more}>
              {thisYear + more}
            </option>
          ))}
        </select>
      </div>
      <List year={year} />
    </>
  );
}

function List({ year }: { year: number }) {
  const queries = useQueryClient();
  const businessId = useBusinessId();
  const draft = useDraft();
  const { ask, question } = useAsking();
  const [busy, setBusy] = useState<string | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const { data: holidays, error } = useQuery({
    queryKey: ["holidays", year, draft.saved.version],
    queryFn: async () =>
      (await data(api.GET("/api/v1/holidays", { params: { query: { year } } }))).items,
  });
  if (holidays === undefined) {
    return <Unread what="the holidays" error={error} />;
  }
  if (holidays.length === 0) return <Empty>No public holidays are known for this country.</Empty>;

  async function put(one: Holiday, closed: boolean) {
    setBusy(one.id);
    setFailure(null);
    try {
      await ask(
        (try_only) =>
          data(
            api.PUT("/api/v1/holidays/{holiday}", {
              params: {
                path: { holiday: one.id },
                query: { try_only },
                header: { "If-Match": `"${draft.saved.version}"` },
              },
              body: { closed },
            }),
          ),
        reread,
      );
    } catch (caught) {
      setFailure(
        caught instanceof ApiError && caught.status === 412
          ? new Error(
              "Somebody else changed the settings meanwhile. They are up to date now: try again.",
            )
          : caught,
      );
      await reread();
    } finally {
      setBusy(null);
    }
  }

  const reread = async () => {
    queries.setQueryData(settingsKey(businessId), await readSettings(businessId));
  };

  return (
    <>
      <Stale error={error} />
      <Failure error={failure} />
      <ul className="things">
        {holidays.map((one) => (
          <li key={`${one.id} ${one.day}`} className="card thing">
            <div className="thing-text">
              <strong>{one.name}</strong>
              <div className="thing-about">{longDay(one.day)}</div>
            </div>
            <label className="choice">
              <input
                type="checkbox"
                checked={one.closed}
                disabled={busy === one.id}
                aria-label={`Closed on ${one.name}, ${longDay(one.day)}`}
                onChange={(event) => void put(one, event.target.checked)}
              />
              Closed
            </label>
          </li>
        ))}
      </ul>
      {question}
    </>
  );
}

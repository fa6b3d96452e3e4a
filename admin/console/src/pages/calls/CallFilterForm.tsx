import { useState } from "react";
import { ApiError } from "../../api/client";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { isFiltered, NO_FILTERS, type CallFilters } from "./filters";
import { CHANNELS, OUTCOMES, STATES } from "./words";

interface Props {
  filters: CallFilters;
  wrong: ReadonlyMap<string, string>;
  error: unknown;
  onChange: (filters: CallFilters) => void;
}

/** What is chosen takes effect at once, what is typed with Enter or the button. */
export function CallFilterForm({ filters, wrong, error, onChange }: Props) {
  const [search, setSearch] = useState(filters.search);
  const [phone, setPhone] = useState(filters.phone);
  const typed = { ...filters, search, phone };
  const refused = error instanceof ApiError ? error.fields : new Map<string, string>();

  return (
    <form
      role="search"
      className="card call-filters"
      onSubmit={(event) => {
        event.preventDefault();
        onChange(typed);
      }}
    >
      <div className="call-filters-search">
        <Field label="Words that were said" error={refused.get("search")}>
          <input type="search" value={search} onChange={(event) => setSearch(event.target.value)} />
        </Field>
        <Field label="Caller’s number" error={refused.get("caller_phone")}>
          <input type="tel" value={phone} onChange={(event) => setPhone(event.target.value)} />
        </Field>
        <Button kind="main" type="submit">
          Search
        </Button>
      </div>
      <details open={hasMore(filters) || undefined}>
        <summary>More filters</summary>
        <div className="call-filters-more">
          <Field label="From">
            <input
              type="date"
              value={filters.firstDay}
              onChange={(event) => onChange({ ...typed, firstDay: event.target.value })}
            />
          </Field>
          <Field label="Until" error={wrong.get("lastDay")}>
            <input
              type="date"
              value={filters.lastDay}
              onChange={(event) => onChange({ ...typed, lastDay: event.target.value })}
            />
          </Field>
          <Choice
            label="What came of it"
            any="Anything"
            value={filters.outcome}
            options={{ ...OUTCOMES, none: "Nothing" }}
            onChange={(outcome) => onChange({ ...typed, outcome })}
          />
          <Choice
            label="State"
            any="Any"
            value={filters.state}
            options={STATES}
            onChange={(state) => onChange({ ...typed, state })}
          />
          <Choice
            label="Came by"
            any="Any way"
            value={filters.channel}
            options={CHANNELS}
            onChange={(channel) => onChange({ ...typed, channel })}
          />
        </div>
      </details>
      {isFiltered(filters) && (
        <Button kind="quiet" onClick={() => onChange(NO_FILTERS)}>
          Clear the filters
        </Button>
      )}
    </form>
  );
}

function hasMore(filters: CallFilters): boolean {
  return isFiltered({ ...filters, search: "", phone: "" });
}

function Choice<Value extends string>({
  label,
  any,
  value,
  options,
  onChange,
}: {
  label: string;
  any: string;
  value: Value | "";
  options: Readonly<Record<Value, string>>;
  onChange: (value: Value | "") => void;
}) {
  return (
    <Field label={label}>
      <select value={value} onChange={(event) => onChange(event.target.value as Value | "")}>
        <option value="">{any}</option>
        {(Object.entries(options) as [Value, string][]).map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
    </Field>
  );
}

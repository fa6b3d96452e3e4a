/** Which calls are shown: kept in the address, so that Back, reload and a copied link lead to the same. */
import { addDays, instantOf, isDay } from "../calendar/wallClock";
import type { Schemas } from "../../api/client";

type Call = Schemas["Call"];
export type OutcomeFilter = NonNullable<Call["outcome"]> | "none";

export interface CallFilters {
  search: string;
  firstDay: string;
  /** Included. */
  lastDay: string;
  state: Call["state"] | "";
  outcome: OutcomeFilter | "";
  channel: Call["channel"] | "";
  phone: string;
}

export const NO_FILTERS: CallFilters = {
  search: "",
  firstDay: "",
  lastDay: "",
  state: "",
  outcome: "",
  channel: "",
  phone: "",
};

const STATES: readonly string[] = ["answering", "assistant", "briefing", "person", "ended"];
const OUTCOMES: readonly string[] = [
  "booked",
  "moved",
  "cancelled",
  "transferred",
  "message",
  "none",
];
const CHANNELS: readonly string[] = ["sip", "webrtc"];

const NAMES: Readonly<Record<keyof CallFilters, string>> = {
  search: "search",
  firstDay: "from",
  lastDay: "to",
  state: "state",
  outcome: "outcome",
  channel: "channel",
  phone: "phone",
};
const PAGES = "pages";
const MOST_PAGES = 20;

export function filtersIn(address: URLSearchParams): CallFilters {
  const one = (name: keyof CallFilters) => address.get(NAMES[name])?.trim() ?? "";
  const among = (name: keyof CallFilters, known: readonly string[]) =>
    known.includes(one(name)) ? one(name) : "";
  return {
    search: one("search"),
    firstDay: isDay(one("firstDay")) ? one("firstDay") : "",
    lastDay: isDay(one("lastDay")) ? one("lastDay") : "",
    state: among("state", STATES) as CallFilters["state"],
    outcome: among("outcome", OUTCOMES) as CallFilters["outcome"],
    channel: among("channel", CHANNELS) as CallFilters["channel"],
    phone: one("phone"),
  };
}

/** The address of these filters, from the first page on: what is not set is not there. */
export function addressOf(filters: CallFilters, pages = 1): URLSearchParams {
  const address = new URLSearchParams();
  for (const name of Object.keys(NAMES) as (keyof CallFilters)[]) {
    const value = filters[name].trim();
    if (value) address.set(NAMES[name], value);
  }
  if (pages > 1) address.set(PAGES, String(pages));
  return address;
}

/** How many pages were open. */
export function pagesIn(address: URLSearchParams): number {
  const wanted = Number(address.get(PAGES) ?? "1");
  return Number.isInteger(wanted) ? Math.min(Math.max(wanted, 1), MOST_PAGES) : 1;
}

export function isFiltered(filters: CallFilters): boolean {
  return Object.values(filters).some((value) => value !== "");
}

/** The parameters of `GET /calls`; days are those of the business's zone. */
export function queryOf(filters: CallFilters, zone: string) {
  const { search, firstDay, lastDay, state, outcome, channel, phone } = filters;
  const at = (day: string) => new Date(instantOf(day, 0, zone)).toISOString();
  return {
    ...(search && { search }),
    ...(firstDay && { started_from: at(firstDay) }),
    ...(lastDay && { started_to: at(addDays(lastDay, 1)) }),
    ...(state && { state }),
    ...(outcome && { outcome }),
    ...(channel && { channel }),
    ...(phone && { caller_phone: phone }),
  };
}

/** What is wrong with the filters together, by field. */
export function wrongIn(filters: CallFilters): Map<string, string> {
  const wrong = new Map<string, string>();
  if (filters.firstDay && filters.lastDay && filters.lastDay < filters.firstDay) {
    wrong.set("lastDay", "is before the first day");
  }
  return wrong;
}

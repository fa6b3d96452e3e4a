import { describe, expect, it } from "vitest";
import {
  addressOf,
  filtersIn,
  isFiltered,
  NO_FILTERS,
  pagesIn,
  queryOf,
  wrongIn,
  type CallFilters,
} from "./filters";

const ALL: CallFilters = {
  search: "root canal",
  firstDay: "2026-11-01",
  lastDay: "2026-11-24",
  state: "ended",
  outcome: "none",
  channel: "sip",
  phone: "+12025550123",
};

describe("filters", () => {
  it("come back from their address as they were", () => {
    expect(filtersIn(new URLSearchParams(addressOf(ALL).toString()))).toEqual(ALL);
    expect(addressOf(NO_FILTERS).toString()).toBe("");
    expect([isFiltered(ALL), isFiltered(NO_FILTERS)]).toEqual([true, false]);
  });

  it("ignore what is nonsense in an address", () => {
    const address = new URLSearchParams("from=yesterday&state=flying&channel=sip&pages=-3");
    expect(filtersIn(address)).toEqual({ ...NO_FILTERS, channel: "sip" });
    expect(pagesIn(address)).toBe(1);
    expect(pagesIn(new URLSearchParams("pages=100000"))).toBe(20);
    expect(pagesIn(addressOf(ALL, 3))).toBe(3);
  });

  it("ask for whole days of the business's zone, the last one included", () => {
    expect(queryOf(ALL, "America/New_York")).toEqual({
      search: "root canal",
      // The clocks were changed on 1 November.
      started_from: "2026-11-01T04:00:00.000Z",
      started_to: "2026-11-25T05:00:00.000Z",
      state: "ended",
      outcome: "none",
      channel: "sip",
      caller_phone: "+12025550123",
    });
    expect(queryOf(NO_FILTERS, "UTC")).toEqual({});
  });

  it("refuse days in the wrong order", () => {
    expect(wrongIn({ ...ALL, lastDay: "2026-10-31" }).get("lastDay")).toBe(
      "is before the first day",
    );
    expect(wrongIn(ALL).size).toBe(0);
  });
});

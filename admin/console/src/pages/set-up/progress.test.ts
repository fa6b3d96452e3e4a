import { beforeEach, describe, expect, it } from "vitest";
import { countries, zones } from "./places";
import { after, before, savedStep, saveStep, STEPS } from "./progress";
import { TRADES } from "./suggestions";

describe("the wizard's steps", () => {
  beforeEach(() => localStorage.clear());

  it("come one after the other", () => {
    expect(STEPS.map((step) => after(step.id)).slice(0, -1)).toEqual(
      STEPS.slice(1).map((step) => step.id),
    );
    expect(after("number")).toBeNull();
    expect(before("basics")).toBeNull();
    expect(before("hours")).toBe("basics");
  });

  it("are kept for each business", () => {
    saveStep("one", "people");
    expect([savedStep("one"), savedStep("two")]).toEqual(["people", "basics"]);
    localStorage.setItem("reception.set-up.one", "a step of an older version");
    expect(savedStep("one")).toBe("basics");
  });
});

describe("what is offered", () => {
  it("are countries by their names, without those that are no more", () => {
    const found = new Map(countries().map((one) => [one.value, one.label]));
    expect(found.get("US")).toBe("United States");
    expect(found.get("ES")).toBe("Spain");
    expect(found.has("DD") || found.has("ZZ") || found.has("QX")).toBe(false);
  });

  it("are time zones, the business's own among them", () => {
    const found = zones("America/New_York").map((one) => one.value);
    expect(found).toContain("Europe/Madrid");
    expect(found.filter((zone) => zone === "America/New_York")).toHaveLength(1);
  });

  it("are services that the API takes", () => {
    for (const trade of TRADES) {
      expect(new Set(trade.services.map((one) => one.name)).size).toBe(trade.services.length);
      for (const one of trade.services) expect(one.duration_minutes).toBeGreaterThanOrEqual(5);
    }
  });
});

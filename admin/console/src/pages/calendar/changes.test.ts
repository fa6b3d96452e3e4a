import { describe, expect, it } from "vitest";
import { ApiError } from "../../api/client";
import { alternativesTo, overridesFor, reasonOf, RequestKey } from "./changes";

const refused = (status: number, detail: string, more: object = {}) =>
  new ApiError(status, { detail, ...more });
const wrong = (field: string, message: string) =>
  refused(422, "A value is not acceptable", { errors: [{ field, message }] });
const WANTED = { service_id: "s", starts_at: "2026-11-24T15:00:00Z" };

describe("a refusal", () => {
  it("is told as a sentence", () => {
    expect(reasonOf(refused(409, "the time has been taken"))).toBe("The time has been taken.");
    expect(reasonOf(wrong("starts_at", "is outside working hours"))).toBe(
      "The time is outside working hours.",
    );
    expect(reasonOf(wrong("person_id", "does not give this service"))).toBe(
      "Person does not give this service.",
    );
    expect(reasonOf(refused(412, "x"))).toBe("Somebody else has changed it meanwhile.");
    expect(reasonOf(new TypeError("Failed to fetch"))).toBe("The server could not be reached.");
  });

  it("can be set aside where only hours, limits or an outside calendar stand in the way", () => {
    expect(overridesFor(wrong("starts_at", "is outside working hours"))).toEqual({
      outside_hours: true,
    });
    expect(overridesFor(refused(409, "the person gives no more appointments then"))).toEqual({
      outside_hours: true,
    });
    expect(overridesFor(refused(409, "the person is busy then, says their own calendar"))).toEqual({
      over_busy: true,
    });
    expect(overridesFor(refused(409, "the time has been taken"))).toBeNull();
    expect(overridesFor(wrong("starts_at", "has passed"))).toBeNull();
  });

  it("brings the times that the API offers instead", async () => {
    const free = { starts_at: "2026-11-24T16:00:00Z" };
    const error = refused(409, "the time has been taken", { alternatives: [free] });
    expect(await alternativesTo(error, WANTED, "UTC")).toEqual([free]);
    expect(await alternativesTo(refused(403, "no"), WANTED, "UTC")).toEqual([]);
    expect(await alternativesTo(new Error("lost"), WANTED, "UTC")).toEqual([]);
  });
});

describe("the key of a request", () => {
  it("stays for the same request until it is carried out", () => {
    const keys = new RequestKey();
    const first = keys.of({ at: 1 });
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(keys.of({ at: 1 })).toBe(first);
    const second = keys.of({ at: 2 });
    expect(second).not.toBe(first);
    keys.done();
    expect(keys.of({ at: 2 })).not.toBe(second);
  });
});

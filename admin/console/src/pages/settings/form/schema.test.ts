import { describe, expect, it } from "vitest";
import { fieldOf, helpOf, wrong, type ApiDocument } from "./schema";
import { toChange, toCreate, wrongNames } from "./values";

const DOCUMENT: ApiDocument = {
  components: {
    schemas: {
      Limits: {
        properties: {
          seconds: { type: "integer", minimum: 60, maximum: 600, description: "The\nlongest." },
        },
      },
      Settings: {
        required: ["greeting"],
        properties: {
          greeting: { type: "string", minLength: 1, maxLength: 5 },
          number: { type: "string", pattern: "^(\\+[1-9][0-9]{6,14})?$" },
          limits: { $ref: "#/components/schemas/Limits", default: {} },
          daily: {
            anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }],
            description: "`A day`; null: no limit.",
          },
        },
      },
    },
  },
};
const field = (path: string) => fieldOf(DOCUMENT, "Settings", path);

describe("fieldOf", () => {
  it("follows references and sees through null", () => {
    expect(field("limits.seconds")).toMatchObject({ minimum: 60, maximum: 600, nullable: false });
    expect(field("daily")).toMatchObject({ type: "integer", minimum: 1, nullable: true });
    expect(field("greeting").required_).toBe(true);
    expect(() => field("limits.hours")).toThrow("limits.hours");
  });

  it("says what a field does in plain words", () => {
    expect(helpOf(field("limits.seconds"))).toBe("The longest.");
    expect(helpOf(field("daily"))).toBe("A day; empty: no limit.");
    expect(helpOf(field("greeting"))).toBe("");
  });
});

describe("wrong", () => {
  it.each([
    ["greeting", "  ", "Fill this in."],
    ["greeting", undefined, "Fill this in."],
    ["greeting", "123456", "At most 5 characters; there are 6."],
    ["greeting", "👋👋👋👋👋", undefined],
    ["number", "", undefined],
    ["number", "+12025550111", undefined],
    ["number", "555 0111", "A number with its country code, such as +12025550111."],
    ["limits.seconds", 59, "Between 60 and 600."],
    ["limits.seconds", 61.5, "Enter a whole number."],
    ["limits.seconds", "", "Enter a number."],
    ["limits.seconds", 600, undefined],
    ["daily", null, undefined],
    ["daily", 0, "At least 1."],
  ])("of %s, %s: %s", (path, value, expected) => {
    expect(wrong(field(path), value)).toBe(expected);
  });

  it("names the fields of a form that are refused", () => {
    const values = { greeting: "", daily: 0, number: "" };
    expect(wrongNames(DOCUMENT, "Settings", ["greeting", "daily", "number"], values)).toEqual([
      "greeting",
      "daily",
    ]);
  });
});

describe("what is sent", () => {
  it("is null for an empty value that may be null, and only what changed", () => {
    expect(toCreate(DOCUMENT, "Settings", { greeting: "", daily: "" })).toEqual({
      greeting: "",
      daily: null,
    });
    expect(toChange({ a: [1], b: 2, c: null }, { a: [1], b: 3, c: null })).toEqual({ b: 3 });
  });
});

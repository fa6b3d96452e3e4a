import { describe, expect, it } from "vitest";
import {
  copiedToWorkdays,
  isOvernight,
  nextSpan,
  spanOfError,
  withDay,
  wrongSpans,
  type Span,
} from "./spans";

const span = (weekday: number, opens: string, closes: string): Span => ({ weekday, opens, closes });

describe("a week of spans", () => {
  it("keeps the days in order", () => {
    const week = [span(0, "09:00", "12:00"), span(4, "09:00", "12:00")];
    expect(withDay(week, 2, [span(2, "10:00", "11:00")]).map((one) => one.weekday)).toEqual([
      0, 2, 4,
    ]);
    expect(withDay(week, 0, [])).toEqual([week[1]]);
  });

  it("offers a further span after the last one", () => {
    expect(nextSpan([], 3)).toEqual(span(3, "09:00", "17:00"));
    expect(nextSpan([span(3, "09:00", "12:00")], 3)).toEqual(span(3, "13:00", "17:00"));
    expect(nextSpan([span(3, "22:00", "02:00")], 3)).toEqual(span(3, "09:00", "17:00"));
  });

  it("knows a span that goes over midnight", () => {
    expect(isOvernight(span(0, "22:00", "02:00"))).toBe(true);
    expect(isOvernight(span(0, "09:00", "00:00"))).toBe(true);
    expect(isOvernight(span(0, "09:00", "17:00"))).toBe(false);
    expect(isOvernight(span(0, "", ""))).toBe(false);
  });

  it("copies a day to the working days and leaves the weekend", () => {
    const week = copiedToWorkdays([span(1, "08:00", "12:00"), span(5, "10:00", "14:00")], 1);
    expect(week.map((one) => `${one.weekday} ${one.opens}`)).toEqual([
      "0 08:00",
      "1 08:00",
      "2 08:00",
      "3 08:00",
      "4 08:00",
      "5 10:00",
    ]);
  });

  it("finds spans that overlap, over midnight and over the week's end too", () => {
    const says = (...week: Span[]) => [...wrongSpans(week).keys()];
    expect(says(span(0, "09:00", "12:00"), span(0, "12:00", "17:00"))).toEqual([]);
    expect(says(span(0, "09:00", "12:00"), span(0, "11:59", "17:00"))).toEqual([1]);
    expect(says(span(0, "22:00", "02:00"), span(1, "01:00", "09:00"))).toEqual([1]);
    expect(says(span(6, "22:00", "09:30"), span(0, "09:00", "12:00"))).toEqual([1]);
    expect(says(span(0, "", "12:00"))).toEqual([0]);
  });

  it("finds the span that the API means", () => {
    expect(spanOfError("hours[5].opens")).toBe(5);
    expect(spanOfError("hours.5.opens")).toBe(5);
    expect(spanOfError("person_id")).toBeUndefined();
  });
});

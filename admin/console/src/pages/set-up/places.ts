/** Time zones and countries, as the browser knows them. */
import { spaced } from "../../words";

export interface Choice {
  value: string;
  label: string;
}

/** Codes of ISO 3166-1 that CLDR names but nobody lives in. */
const NO_COUNTRIES = new Set([
  "EU",
  "EZ",
  "UN",
  "QO",
  "XA",
  "XB",
  "ZZ",
  "AC",
  "CP",
  "CQ",
  "DG",
  "EA",
  "IC",
  "TA",
]);

export function countries(): Choice[] {
  const names = new Intl.DisplayNames(undefined, { type: "region", fallback: "none" });
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  return letters
    .flatMap((first) => letters.map((second) => first + second))
    .filter((code) => !NO_COUNTRIES.has(code) && isOwn(code))
    .map((value) => ({ value, label: names.of(value) ?? "" }))
    .filter((one) => one.label !== "")
    .toSorted((a, b) => a.label.localeCompare(b.label));
}

/** A code that was replaced (`DD`) is not offered beside its successor. */
function isOwn(code: string): boolean {
  return Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`;
}

export function zones(known: string): Choice[] {
  const all = Intl.supportedValuesOf("timeZone");
  return [...new Set([known, ...all])]
    .filter((zone) => zone !== "")
    .toSorted()
    .map((value) => ({ value, label: spaced(value) }));
}

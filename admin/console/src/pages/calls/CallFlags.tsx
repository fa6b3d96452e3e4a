import type { Schemas } from "../../api/client";
import { FLAGS } from "./words";

type Flag = Schemas["CallFlagged"]["flag"];

const SHORT: Readonly<Record<Flag, string>> = {
  emergency: "Emergency",
  self_harm: "Self-harm",
  threat: "Threat",
  abuse: "Abuse",
};

/** What staff should know of a call at a glance. */
export function CallFlags({ flags }: { flags: readonly Flag[] }) {
  return flags.map((flag) => (
    <span key={flag} className="tag tag-flag" title={FLAGS[flag]}>
      {SHORT[flag]}
    </span>
  ));
}

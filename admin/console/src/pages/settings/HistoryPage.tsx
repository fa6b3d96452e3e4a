import { leavesOf, shownLeaf } from "./business/changes";
import { nameOfPath, type Settings } from "./business/draft";
import { Versions } from "./business/Versions";

/** Every setting on a line of its own; the lines of a text each on theirs. */
function textOf(document: Settings): string {
  return [...leavesOf(document)]
    .map(([path, value]) => `${nameOfPath(path)}: ${shownLeaf(value)}`)
    .join("\n");
}

export function HistoryPage() {
  return (
    <>
      <p className="page-intro">
        Every change of the settings: greeting, instructions, rules, routing and providers. Hours,
        services and people are not among them.
      </p>
      <Versions what="Every setting" textOf={textOf} restored={(_, version) => version} />
    </>
  );
}

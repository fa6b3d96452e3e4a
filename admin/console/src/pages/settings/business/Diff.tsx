import { lineDiff } from "./lineDiff";

const SIGNS = { same: " ", removed: "−", added: "+" } as const;
const SPOKEN = { same: "", removed: "removed: ", added: "added: " } as const;

/** Two texts as one, with the lines that were removed and added. */
export function Diff({ before, after }: { before: string; after: string }) {
  const lines = lineDiff(before, after);
  if (lines.every((line) => line.kind === "same")) {
    return <p className="field-help">There is no difference.</p>;
  }
  return (
    <ol className="diff" aria-label="Differences">
      {lines.map((line, at) => (
        <li key={at} className={`diff-${line.kind}`}>
          <span aria-hidden="true">{SIGNS[line.kind]}</span>
          <span className="visually-hidden">{SPOKEN[line.kind]}</span>
          <span className="diff-text">{line.text || " "}</span>
        </li>
      ))}
    </ol>
  );
}

import type { ReactNode } from "react";
import type { Schemas } from "../../api/client";
import { resultParts, valueInWords } from "./conversation";
import { label, seconds, toolInWords, TOOL_OUTCOMES } from "./words";

/** What the assistant asked for and what it was told: readable, and exact for those who ask. */
export function ToolDetails({ tool, at }: { tool: Schemas["ToolCalled"]; at: ReactNode }) {
  const { fact, next } = resultParts(tool.result);
  const asked = Object.entries(tool.arguments);
  return (
    <details className="tool">
      <summary>
        <span>{toolInWords(tool)}</span>{" "}
        <span className={`tag tag-${tool.outcome}`}>{TOOL_OUTCOMES[tool.outcome]}</span>{" "}
        <span className="tool-seconds">{seconds(tool.seconds)}</span>
        {at}
      </summary>
      {asked.length > 0 && (
        <dl className="tool-arguments">
          {asked.map(([name, value]) => (
            <div key={name}>
              <dt>{label(name)}</dt>
              <dd>{valueInWords(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      <p>
        <strong>Result:</strong> {fact || "nothing"}
      </p>
      {next && (
        <p>
          <strong>The assistant was told:</strong> {next}
        </p>
      )}
      <details>
        <summary>As it was sent</summary>
        <pre tabIndex={0} aria-label={`Request and result of ${tool.name}`}>
          {JSON.stringify({ name: tool.name, arguments: tool.arguments }, null, 2)}
          {"\n\n"}
          {tool.result}
        </pre>
      </details>
    </details>
  );
}

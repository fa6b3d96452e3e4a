import { useQuery } from "@tanstack/react-query";
import { api, ApiError, data, type Schemas } from "../../api/client";
import { Notice, Stale, Unread } from "../../components/Notice";
import { partName } from "./words";

type Readiness = Schemas["Readiness"];

const REFRESH_MS = 15_000;

/** What calls depend on, and whether it is there. */
export function Parts() {
  const { data: readiness, error } = useQuery({
    queryKey: ["readiness"],
    queryFn: readReadiness,
    refetchInterval: REFRESH_MS,
  });
  if (readiness === undefined) {
    return <Unread what="the state of things" error={error} />;
  }
  return (
    <section aria-label="What calls depend on">
      <Stale error={error} />
      {readiness.ready ? (
        <Notice kind="good">Calls are being answered.</Notice>
      ) : (
        <Notice kind="error">Calls can&apos;t be served: something that they need is down.</Notice>
      )}
      <ul className="parts">
        {readiness.parts.map((part) => (
          <li key={part.name}>
            <strong>{partName(part.name)}</strong>
            <span className={`badge ${part.state === "up" ? "" : "badge-wrong"}`}>
              {part.state === "up" ? "works" : part.needed ? "down: no calls without it" : "down"}
            </span>
            {part.detail && <span className="part-detail">{withCommands(part.detail)}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What is between backticks is typed into a terminal. */
function withCommands(detail: string) {
  return detail.split("`").map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part));
}

/** That it is not ready is no failure to answer. */
async function readReadiness(): Promise<Readiness> {
  try {
    return await data(api.GET("/ready"));
  } catch (error) {
    if (
      error instanceof ApiError &&
      error.status === 503 &&
      Array.isArray(error.problem["parts"])
    ) {
      return error.problem as unknown as Readiness;
    }
    throw error;
  }
}

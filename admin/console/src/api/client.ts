/**
 * The admin API, typed from its OpenAPI document. The session is an HttpOnly cookie that the browser
 * sends by itself: no script can read it.
 */
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** An error of the API (RFC 9457), with what is wrong with each field as far as it says. */
export class ApiError extends Error {
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  readonly problem: Readonly<Record<string, unknown>>;

  constructor(status: number, problem: Record<string, unknown>) {
    super(text(problem["detail"]) || text(problem["title"]) || unexplained(status));
    this.status = status;
    this.problem = problem;
    this.fields = fieldsOf(problem["errors"]);
  }
}

/** No answer came: the network is down, or the server is being restarted. */
export class Unreachable extends Error {
  constructor() {
    super("The server can't be reached. Try again in a moment.");
  }
}

/** Told when the session is no longer valid, so that the sign-in page can take over. */
export const signedOut = new EventTarget();

const LAST_ANSWER = "reception.last-answer";

/** When the server last answered any tab of this browser: by that it counts how long the session has
 * been idle. Milliseconds of the epoch. */
export function lastAnswerAt(): number {
  return Number(localStorage.getItem(LAST_ANSWER) ?? 0);
}

const throwing: Middleware = {
  async onResponse({ response, request }) {
    localStorage.setItem(LAST_ANSWER, String(Date.now()));
    if (response.ok) return response;
    if (response.status === 401 && !new URL(request.url).pathname.endsWith("/sign-in")) {
      signedOut.dispatchEvent(new Event("signed-out"));
    }
    throw new ApiError(response.status, await problemOf(response));
  },
  onError({ error }) {
    // One's own cancelling is no failure of the server's.
    if (error instanceof DOMException && error.name === "AbortError") return;
    return new Unreachable();
  },
};

export const api = createClient<paths>({
  baseUrl: typeof window === "undefined" ? "http://localhost" : window.location.origin,
  credentials: "same-origin",
});
api.use(throwing);

/** The data of a call of `api`, which throws ApiError instead of answering with an error. */
export async function data<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

async function problemOf(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function fieldsOf(errors: unknown): Map<string, string> {
  const found = new Map<string, string>();
  if (!Array.isArray(errors)) return found;
  for (const error of errors as Record<string, unknown>[]) {
    found.set(text(error["field"]), text(error["message"]));
  }
  return found;
}

/** A proxy before the server answers with a page of its own. */
function unexplained(status: number): string {
  return status >= 500
    ? `The server has a problem (${status}). Try again in a moment.`
    : `The server answered ${status}.`;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/**
 * The live feed (server-sent events): one connection for the whole console. The browser reconnects by
 * itself and names the last event it had; where it gives up, a new connection begins with all calls.
 */
import { api, data, type Schemas } from "../api/client";
import type { Call, CallEvent } from "./call";
import { addEvent, replaceCalls, type Calls, type ToldCall } from "./state";

const URL = "/api/v1/live";
const RETRY_MS = [1_000, 2_000, 5_000, 10_000];
/** A machine that slept may hold a connection that is dead and looks alive. */
const ASLEEP_MS = 60_000;

export type Connection = "connecting" | "open" | "lost";

export interface FeedState {
  calls: Calls;
  connection: Connection;
  /** Whether the calls are known at all yet. */
  known: boolean;
}

export interface Handlers {
  /** The business's switch changed. */
  onSwitches: () => void;
  /** These are open now. */
  onAlerts: (alerts: Schemas["Alert"][]) => void;
  /** The server is there again. */
  onBack: () => void;
}

export const NO_CALLS: FeedState = { calls: new Map(), connection: "connecting", known: false };

export class Feed {
  state: FeedState = NO_CALLS;
  private source: EventSource | null = null;
  private readonly listeners = new Set<() => void>();
  private retry: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private hiddenAt = 0;

  constructor(private readonly handlers: Handlers) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): FeedState => this.state;

  open(): void {
    this.close();
    window.addEventListener("online", this.again);
    document.addEventListener("visibilitychange", this.woken);
    this.connect();
  }

  close(): void {
    window.removeEventListener("online", this.again);
    document.removeEventListener("visibilitychange", this.woken);
    clearTimeout(this.retry);
    this.source?.close();
    this.source = null;
  }

  private connect(): void {
    clearTimeout(this.retry);
    this.source?.close();
    const source = new EventSource(URL);
    this.source = source;
    source.addEventListener("open", () => {
      this.failures = 0;
      if (this.state.connection === "lost") this.handlers.onBack();
      this.change({ connection: "open" });
    });
    source.addEventListener("calls", (message) => {
      const calls = JSON.parse(message.data) as ToldCall[];
      this.change({ calls: replaceCalls(this.state.calls, calls), known: true });
    });
    source.addEventListener("call_event", (message) => {
      const { call, event } = JSON.parse(message.data) as { call: Call; event: CallEvent };
      this.change({ calls: addEvent(this.state.calls, call, event) });
    });
    source.addEventListener("switches", () => this.handlers.onSwitches());
    source.addEventListener("alerts", (message) => {
      this.handlers.onAlerts(JSON.parse(message.data) as Schemas["Alert"][]);
    });
    source.addEventListener("error", () => this.broken(source));
  }

  private broken(source: EventSource): void {
    if (source !== this.source) return;
    this.change({ connection: "lost" });
    if (source.readyState !== EventSource.CLOSED) return;
    // The server answered with an error, after which the browser does not try again. Asking for the
    // session shows whether it has ended; the page then signs in.
    void data(api.GET("/api/v1/sessions/current")).catch(() => undefined);
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    this.retry = setTimeout(() => this.connect(), wait);
  }

  private readonly again = () => this.connect();

  private readonly woken = () => {
    if (document.hidden) this.hiddenAt = Date.now();
    else if (this.hiddenAt > 0 && Date.now() - this.hiddenAt > ASLEEP_MS) this.connect();
  };

  private change(changes: Partial<FeedState>): void {
    this.state = { ...this.state, ...changes };
    for (const listener of this.listeners) listener();
  }
}

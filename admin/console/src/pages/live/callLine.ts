/**
 * The console's line into one call: hidden for its words and sound, or in the call with one's own
 * microphone. What goes wrong leaves the line as it was before.
 */
import type { LocalAudioTrack } from "livekit-client";
import { api, ApiError, data } from "../../api/client";
import { CallRoom, type Mode } from "./callRoom";
import { MicrophoneError, openMicrophone } from "./microphone";
import { say, settle, type Segment } from "./words";

const RETRY_MS = [1_000, 2_000, 5_000, 10_000];

export interface LineState {
  /** `off`: not wanted, or the call is over. */
  words: "off" | "connecting" | "open" | "lost";
  hearing: boolean;
  part: "hidden" | "joining" | "in_call" | "leaving";
  reconnecting: boolean;
  muted: boolean;
  /** One's participant in the call; empty while hidden. */
  identity: string;
  /** One's own, while it can be heard in the call. */
  microphone: MediaStreamTrack | null;
  segments: readonly Segment[];
  error: string | null;
}

const START: LineState = {
  words: "off",
  hearing: false,
  part: "hidden",
  reconnecting: false,
  muted: false,
  identity: "",
  microphone: null,
  segments: [],
  error: null,
};

export class CallLine {
  private state = START;
  private readonly listeners = new Set<() => void>();
  private room: CallRoom | null = null;
  private track: LocalAudioTrack | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private closed = false;

  constructor(private readonly callId: string) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): LineState => this.state;

  /** Join hidden, for the words. */
  open(): void {
    this.closed = false;
    void this.joinHidden();
  }

  /** Leave whatever it is in. */
  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    this.dropMicrophone();
    void this.room?.close();
    this.room = null;
    this.change({ ...START });
  }

  async listen(on: boolean): Promise<void> {
    this.change({ hearing: on, error: null });
    try {
      await this.room?.hear(on);
    } catch {
      this.change({
        hearing: false,
        error: "The browser does not play the sound. Click Listen once more.",
      });
    }
  }

  /** Come into the call with the microphone; `listen`: another one speaks with the caller, so silent
   * until the floor is given. */
  async takeOver({ listen }: { listen: boolean }): Promise<void> {
    if (this.state.part !== "hidden") return;
    this.change({ part: "joining", error: null });
    let room: CallRoom | null = null;
    try {
      // First what most often fails, while nothing has changed yet.
      this.track = await openMicrophone();
      room = this.make("takeover");
      await room.join(this.callId, "takeover");
      if (!listen) await this.publish(room);
      if (this.closed) throw new Error("left meanwhile");
    } catch (error) {
      this.dropMicrophone();
      await room?.close();
      this.change({ part: "hidden", error: explained(error) });
      return;
    }
    clearTimeout(this.retry);
    const hidden = this.room;
    this.room = room;
    await hidden?.close();
    this.change({ words: "open", part: "in_call", hearing: true, identity: room.identity });
    await room.hear(true).catch(() => undefined);
    // Taken away while the connections changed places.
    if (!room.maySpeak) await this.silence(room);
  }

  /** Speak, now that the floor is one's own. */
  async speak(): Promise<void> {
    if (this.room === null || this.state.part !== "in_call") return;
    try {
      await this.publish(this.room);
    } catch (error) {
      this.change({ error: explained(error) });
    }
  }

  async mute(on: boolean): Promise<void> {
    if (this.track === null || this.state.muted === on) return;
    await (on ? this.track.mute() : this.track.unmute());
    this.change({ muted: on, microphone: this.track.mediaStreamTrack });
  }

  /** Give the call back to the assistant (`give`), or only leave it; one goes on listening. */
  async leave({ give }: { give: boolean }): Promise<void> {
    if (this.state.part !== "in_call") return;
    this.change({ part: "leaving" });
    try {
      if (give) {
        await data(
          api.POST("/api/v1/calls/{call_id}/floor", {
            params: { path: { call_id: this.callId } },
            body: { to: "assistant" },
          }),
        );
      }
    } catch {
      // Leaving gives it back as well.
    }
    await this.goHidden();
  }

  /** What was said by now: its live words are no longer needed. */
  settle(said: readonly { who: string; text: string }[]): void {
    const segments = settle(this.state.segments, said, performance.now());
    if (segments.length !== this.state.segments.length) this.change({ segments });
  }

  dismiss(): void {
    this.change({ error: null });
  }

  private async publish(room: CallRoom): Promise<void> {
    // Another one may have taken the floor a moment before: then one listens.
    if (this.state.microphone !== null || !room.maySpeak) return;
    if (this.track === null || this.track.mediaStreamTrack.readyState === "ended") {
      this.track = await openMicrophone();
    }
    if (this.track.isMuted) await this.track.unmute();
    try {
      await room.speak(this.track);
    } catch (error) {
      if (room.maySpeak) throw error;
      return;
    }
    this.change({ microphone: this.track.mediaStreamTrack, muted: false });
  }

  private async silence(room: CallRoom): Promise<void> {
    if (this.track === null || this.state.microphone === null) return;
    this.change({ microphone: null, muted: false });
    await room.fallSilent(this.track).catch(() => undefined);
  }

  private async goHidden(): Promise<void> {
    this.dropMicrophone();
    const room = this.room;
    this.room = null;
    await room?.close();
    this.change({ part: "hidden", identity: "", muted: false, reconnecting: false });
    if (!this.closed) await this.joinHidden();
  }

  private async joinHidden(): Promise<void> {
    clearTimeout(this.retry);
    this.change({ words: "connecting" });
    const room = this.make("listen");
    try {
      await room.join(this.callId, "listen");
    } catch (error) {
      await room.close();
      if (this.closed || this.state.part === "in_call") return;
      // Refused is refused: who may not listen sees the call by its events.
      if (error instanceof ApiError && error.status < 500) this.change({ words: "off" });
      else this.again();
      return;
    }
    if (this.closed || this.state.part === "in_call") {
      await room.close();
      return;
    }
    this.failures = 0;
    this.room = room;
    this.change({ words: "open" });
    if (this.state.hearing) await this.listen(true);
  }

  private again(): void {
    this.change({ words: "lost" });
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    this.retry = setTimeout(() => void this.joinHidden(), wait);
  }

  private make(mode: Mode): CallRoom {
    const room: CallRoom = new CallRoom({
      onWords: (segment) =>
        this.change({ segments: say(this.state.segments, segment, performance.now()) }),
      onReconnecting: (reconnecting) => {
        if (room === this.room) this.change({ reconnecting });
      },
      onMaySpeak: (may) => {
        if (room !== this.room || this.state.part !== "in_call") return;
        void (may ? this.speak() : this.silence(room));
      },
      onGone: (over) => {
        if (room !== this.room) return;
        this.room = null;
        this.lost(mode, over);
      },
    });
    return room;
  }

  private lost(mode: Mode, over: boolean): void {
    if (mode === "takeover") {
      this.dropMicrophone();
      this.change({
        part: "hidden",
        identity: "",
        muted: false,
        reconnecting: false,
        error: over
          ? null
          : "Your connection to the call broke off: the assistant goes on with the caller.",
      });
    }
    if (this.closed) return;
    if (over) this.change({ words: "off", hearing: false, reconnecting: false });
    else this.again();
  }

  private dropMicrophone(): void {
    this.track?.stop();
    this.track = null;
    if (this.state.microphone !== null) this.change({ microphone: null });
  }

  private change(changes: Partial<LineState>): void {
    this.state = { ...this.state, ...changes };
    for (const listener of this.listeners) listener();
  }
}

function explained(error: unknown): string {
  if (error instanceof MicrophoneError || error instanceof ApiError) return error.message;
  return "The call can't be reached: your microphone is off, and the assistant goes on with the caller. Try again in a moment.";
}

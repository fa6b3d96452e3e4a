/** A call to one's own assistant from the browser: the room, the words, the end. */
import {
  Room,
  RoomEvent,
  Track,
  type LocalAudioTrack,
  type LocalTrack,
  type TextStreamReader,
} from "livekit-client";
import { api, data } from "../../api/client";
import { openMicrophone } from "../live/microphone";
import { JOINING, play, readWhole, segmentOf, unplay, unplayAll, WORDS } from "../live/room";

/** An assistant answers within two seconds; beyond this nobody is there to. */
const ANSWER_MS = 15_000;

export type Stage = "idle" | "calling" | "ringing" | "talking" | "ended" | "failed";

export interface Line {
  key: string;
  who: "caller" | "assistant";
  text: string;
}

export interface TestCallState {
  stage: Stage;
  room: string | null;
  lines: readonly Line[];
  microphone: LocalAudioTrack | null;
  muted: boolean;
  error: unknown;
}

export const IDLE: TestCallState = {
  stage: "idle",
  room: null,
  lines: [],
  microphone: null,
  muted: false,
  error: null,
};

export class TestCall {
  state = IDLE;
  private room: Room | null = null;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): TestCallState => this.state;

  /** The microphone first: a call that is answered must not wait for the browser's question. */
  async call(): Promise<void> {
    this.change({ ...IDLE, stage: "calling" });
    try {
      const microphone = await openMicrophone();
      this.change({ microphone });
      const given = await data(api.POST("/api/v1/test-calls"));
      const room = this.newRoom();
      this.change({ room: given.room });
      await room.connect(given.url, given.token, JOINING);
      await room.startAudio();
      await room.localParticipant.publishTrack(microphone as LocalTrack, {
        source: Track.Source.Microphone,
      });
      if (this.state.stage === "calling") this.change({ stage: "ringing" });
      this.waiting = setTimeout(() => {
        if (this.state.stage !== "talking") {
          this.fail(new Error("Nobody answered. Is a worker running? Ask your operator."));
        }
      }, ANSWER_MS);
    } catch (error) {
      this.fail(error);
    }
  }

  async mute(muted: boolean): Promise<void> {
    const { microphone } = this.state;
    if (muted) await microphone?.mute();
    else await microphone?.unmute();
    this.change({ muted });
  }

  hangUp(): void {
    this.finish("ended", null);
  }

  close(): void {
    this.listeners.clear();
    this.finish("ended", null);
  }

  private newRoom(): Room {
    const room = new Room({ disconnectOnPageLeave: true });
    this.room = room;
    room
      .on(RoomEvent.TrackSubscribed, (track) => {
        play(track);
        if (track.kind === Track.Kind.Audio) this.change({ stage: "talking" });
      })
      .on(RoomEvent.TrackUnsubscribed, (track) => unplay(track))
      .on(RoomEvent.Disconnected, () => this.finish("ended", null));
    room.registerTextStreamHandler(WORDS, (reader, { identity }) => {
      void this.read(reader, identity === room.localParticipant.identity ? "caller" : "assistant");
    });
    return room;
  }

  private async read(reader: TextStreamReader, who: Line["who"]): Promise<void> {
    const key = `${who}/${segmentOf(reader).id}`;
    // A caller's words are told anew, whole, at each revision.
    const text = await readWhole(reader, (part) => {
      if (who === "assistant") this.said({ key, who, text: part });
    });
    this.said({ key, who, text });
  }

  private said(line: Line): void {
    if (line.text.trim() === "") return;
    const { lines } = this.state;
    const at = lines.findIndex((one) => one.key === line.key);
    this.change({ lines: at < 0 ? [...lines, line] : lines.with(at, line) });
  }

  private fail(error: unknown): void {
    this.finish("failed", error);
  }

  private finish(stage: Stage, error: unknown): void {
    clearTimeout(this.waiting);
    const { room, state } = this;
    this.room = null;
    state.microphone?.stop();
    if (state.stage === "ended" || state.stage === "failed") return;
    this.change({ stage, error, microphone: null, muted: false });
    if (room === null) return;
    unplayAll(room);
    void room.disconnect();
  }

  private change(next: Partial<TestCallState>): void {
    this.state = { ...this.state, ...next };
    for (const listener of this.listeners) listener();
  }
}

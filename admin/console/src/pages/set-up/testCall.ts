/** A call to one's own assistant from the browser: the room, the words, the end. */
import {
  Room,
  RoomEvent,
  Track,
  type LocalAudioTrack,
  type LocalTrack,
  type RemoteTrack,
  type TextStreamReader,
} from "livekit-client";
import { api, data } from "../../api/client";
import { openMicrophone } from "../live/microphone";

const WORDS = "lk.transcription";
const SEGMENT = "lk.segment_id";
/** An assistant answers within two seconds; beyond this nobody is there to. */
const ANSWER_MS = 15_000;
const JOIN_MS = 10_000;

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
      await room.connect(given.url, given.token, {
        websocketTimeout: JOIN_MS,
        peerConnectionTimeout: JOIN_MS,
        maxRetries: 1,
      });
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
    const key = `${who}/${reader.info.attributes?.[SEGMENT] ?? reader.info.id}`;
    let text = "";
    try {
      for await (const piece of reader) {
        text += piece;
        if (who === "assistant") this.said({ key, who, text });
      }
    } catch {
      // Cut with the connection: what came of it was said.
    }
    // A caller's words are told anew, whole, at each revision.
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
    for (const participant of room?.remoteParticipants.values() ?? []) {
      for (const { track } of participant.trackPublications.values()) {
        if (track !== undefined) unplay(track as RemoteTrack);
      }
    }
    void room?.disconnect();
  }

  private change(next: Partial<TestCallState>): void {
    this.state = { ...this.state, ...next };
    for (const listener of this.listeners) listener();
  }
}

function play(track: RemoteTrack): void {
  const element = track.attach();
  element.hidden = true;
  document.body.append(element);
}

function unplay(track: RemoteTrack): void {
  for (const element of track.detach()) element.remove();
}

/** One connection to a call's room: its words, and its sound where it is wanted. */
import {
  DisconnectReason,
  ParticipantKind,
  Room,
  RoomEvent,
  Track,
  type LocalAudioTrack,
  type LocalTrack,
  type RemoteTrackPublication,
  type TextStreamReader,
} from "livekit-client";
import { api, data } from "../../api/client";
import type { Speaker } from "../../feed/call";
import { JOINING, play, readWhole, segmentOf, unplay, unplayAll, WORDS } from "./room";
import type { Segment } from "./words";

export type Mode = "listen" | "takeover";

export interface Handlers {
  onWords: (segment: Omit<Segment, "since">) => void;
  onReconnecting: (reconnecting: boolean) => void;
  /** The agent gave or took the right to speak: only who has the floor may. */
  onMaySpeak: (may: boolean) => void;
  /** Not told when it was closed from here. `over`: the room is no more, or we were sent out of it. */
  onGone: (over: boolean) => void;
}

export class CallRoom {
  identity = "";
  private readonly room = new Room({
    disconnectOnPageLeave: true,
    stopLocalTrackOnUnpublish: true,
  });
  private hearing = false;
  private closed = false;

  constructor(private readonly handlers: Handlers) {
    this.room
      .on(RoomEvent.TrackPublished, (publication) => this.want(publication))
      .on(RoomEvent.TrackSubscribed, (track) => play(track))
      .on(RoomEvent.TrackUnsubscribed, (track) => unplay(track))
      .on(RoomEvent.Reconnecting, () => handlers.onReconnecting(true))
      .on(RoomEvent.SignalReconnecting, () => handlers.onReconnecting(true))
      .on(RoomEvent.Reconnected, () => handlers.onReconnecting(false))
      .on(RoomEvent.ParticipantPermissionsChanged, (_, participant) => {
        if (participant === this.room.localParticipant) handlers.onMaySpeak(this.maySpeak);
      })
      .on(RoomEvent.Disconnected, (reason) => this.gone(reason));
    this.room.registerTextStreamHandler(WORDS, (reader, { identity }) => {
      void this.read(reader, identity);
    });
  }

  /** Raises ApiError when the API refuses, another Error when LiveKit can't be reached. */
  async join(callId: string, mode: Mode): Promise<void> {
    const given = await data(
      api.POST("/api/v1/calls/{call_id}/token", {
        params: { path: { call_id: callId } },
        body: { mode },
      }),
    );
    if (this.closed) return;
    this.identity = given.identity;
    await this.room.connect(given.url, given.token, { ...JOINING, autoSubscribe: false });
    if (this.closed) await this.room.disconnect();
  }

  /** Hear both sides, or neither. Browsers give sound only after a click or a key. */
  async hear(on: boolean): Promise<void> {
    this.hearing = on;
    for (const participant of this.room.remoteParticipants.values()) {
      for (const publication of participant.trackPublications.values()) {
        this.want(publication as RemoteTrackPublication);
      }
    }
    if (on) await this.room.startAudio();
  }

  get maySpeak(): boolean {
    return this.room.localParticipant.permissions?.canPublish ?? false;
  }

  async speak(microphone: LocalAudioTrack): Promise<void> {
    await this.room.localParticipant.publishTrack(microphone as LocalTrack, {
      source: Track.Source.Microphone,
      // A pause in speech must not look like a lost connection.
      dtx: false,
    });
  }

  async fallSilent(microphone: LocalAudioTrack): Promise<void> {
    await this.room.localParticipant.unpublishTrack(microphone as LocalTrack, false);
  }

  async close(): Promise<void> {
    this.closed = true;
    unplayAll(this.room);
    await this.room.disconnect();
  }

  private want(publication: RemoteTrackPublication): void {
    if (publication.kind === Track.Kind.Audio) publication.setSubscribed(this.hearing);
  }

  private gone(reason: DisconnectReason | undefined): void {
    if (this.closed) return;
    this.closed = true;
    this.handlers.onGone(
      reason === DisconnectReason.ROOM_DELETED ||
        reason === DisconnectReason.ROOM_CLOSED ||
        reason === DisconnectReason.PARTICIPANT_REMOVED,
    );
  }

  private async read(reader: TextStreamReader, identity: string): Promise<void> {
    const { id, final } = segmentOf(reader);
    const key = `${identity}/${id}`;
    const who = this.speaker(identity);
    const text = await readWhole(reader, (part) => {
      // A person's words come whole: half a revision would flicker.
      if (who === "assistant") this.handlers.onWords({ key, who, text: part, final: false });
    });
    // The assistant's stream is the whole segment, whatever its attribute says when it begins.
    this.handlers.onWords({ key, who, text, final: who === "assistant" || final });
  }

  private speaker(identity: string): Speaker {
    const local = this.room.localParticipant;
    const speaker =
      identity === local.identity ? local : this.room.remoteParticipants.get(identity);
    if (speaker?.kind === ParticipantKind.AGENT) return "assistant";
    if (speaker?.attributes["reception.role"] === "staff") return "staff";
    // Somebody's words may come just after they left.
    if (speaker === undefined && identity.startsWith("agent-")) return "assistant";
    if (speaker === undefined && identity.startsWith("staff-")) return "staff";
    return "caller";
  }
}

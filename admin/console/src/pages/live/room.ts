/** What every connection of the console to a call's room is made of: how it joins, its sound, its words. */
import {
  type Room,
  type RoomConnectOptions,
  type RemoteTrack,
  type TextStreamReader,
} from "livekit-client";

/** The topic of the words while they are spoken, and what a stream of them says of itself. */
export const WORDS = "lk.transcription";
const SEGMENT = "lk.segment_id";
const FINAL = "lk.transcription_final";

const JOIN_MS = 10_000;

export const JOINING: Readonly<RoomConnectOptions> = {
  websocketTimeout: JOIN_MS,
  peerConnectionTimeout: JOIN_MS,
  maxRetries: 1,
};

export function play(track: RemoteTrack): void {
  const element = track.attach();
  element.hidden = true;
  document.body.append(element);
}

export function unplay(track: RemoteTrack): void {
  for (const element of track.detach()) element.remove();
}

/** Whatever of the others is heard falls silent. */
export function unplayAll(room: Room): void {
  for (const participant of room.remoteParticipants.values()) {
    for (const { track } of participant.trackPublications.values()) {
      if (track !== undefined) unplay(track as RemoteTrack);
    }
  }
}

/** The segment that a stream tells of: who tells the same one anew names it alike. */
export function segmentOf(reader: TextStreamReader): { id: string; final: boolean } {
  const attributes = reader.info.attributes ?? {};
  return { id: attributes[SEGMENT] ?? reader.info.id, final: attributes[FINAL] === "true" };
}

/** All of a stream's text; `onPart` is told of what has come so far. */
export async function readWhole(
  reader: TextStreamReader,
  onPart: (text: string) => void,
): Promise<string> {
  let text = "";
  try {
    for await (const piece of reader) {
      text += piece;
      onPart(text);
    }
  } catch {
    // Cut with the connection: what came of it was said.
  }
  return text;
}

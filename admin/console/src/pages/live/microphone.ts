/** The user's own microphone: opening it, and what to say when it can't be. */
import { createLocalAudioTrack, type LocalAudioTrack } from "livekit-client";

/** What went wrong, in words that say what to do. */
export class MicrophoneError extends Error {}

export async function openMicrophone(): Promise<LocalAudioTrack> {
  if (!window.isSecureContext || !navigator.mediaDevices) {
    throw new MicrophoneError(
      "The browser gives the microphone only to pages over HTTPS. Open the console by its https:// address.",
    );
  }
  try {
    return await createLocalAudioTrack({
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
    });
  } catch (error) {
    throw new MicrophoneError(explained(error));
  }
}

function explained(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") {
    return "The microphone is not allowed. Allow it for this page in the browser's address bar, then take over again.";
  }
  if (name === "NotFoundError" || name === "OverconstrainedError") {
    return "There is no microphone. Connect one, then take over again.";
  }
  if (name === "NotReadableError" || name === "AbortError") {
    return "The microphone is in use by another program. Close that, then take over again.";
  }
  return "The microphone could not be opened.";
}

/** Its level, 0 to 1, whenever it is asked for; `close` frees it. */
export function levelOf(track: MediaStreamTrack): { read: () => number; close: () => void } {
  const context = new AudioContext();
  // A context that was made without a click of the user's begins suspended.
  void context.resume();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  const source = context.createMediaStreamSource(new MediaStream([track]));
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    read: () => {
      analyser.getFloatTimeDomainData(samples);
      let sum = 0;
      for (const sample of samples) sum += sample * sample;
      const decibels = 10 * Math.log10(sum / samples.length + 1e-10);
      // Speech lies between -60 and -10 dBFS.
      return Math.min(1, Math.max(0, (decibels + 60) / 50));
    },
    close: () => {
      source.disconnect();
      void context.close();
    },
  };
}

/** Where the time of an answer went, as bars on one scale. */
import type { Schemas } from "../../api/client";

export type Answer = Schemas["AnswerLatency"];
export type Stage = "end_of_turn" | "transcription" | "model" | "speech";

export const STAGES: Readonly<Record<Stage, string>> = {
  end_of_turn: "End of turn",
  transcription: "Transcription",
  model: "Model",
  speech: "Speech",
};

export interface Bar {
  stage: Stage;
  /** Seconds after the caller's last word. */
  from: number;
  seconds: number;
}

/**
 * Hearing begins with the caller's last word. Model and speech come one after the other and end with the first
 * sound, so they are drawn back from there: the model may have begun before the turn was over.
 */
export function barsOf(seconds: Schemas["StageSeconds"]): Bar[] {
  const { end_of_turn, transcription, model, speech } = seconds;
  const heard = Math.max(end_of_turn ?? 0, transcription ?? 0);
  const end = seconds.total ?? heard + (model ?? 0) + (speech ?? 0);
  const spoken = Math.max(0, end - (speech ?? 0));
  const found: Bar[] = [];
  if (end_of_turn !== null) found.push({ stage: "end_of_turn", from: 0, seconds: end_of_turn });
  if (transcription !== null) {
    found.push({ stage: "transcription", from: 0, seconds: transcription });
  }
  if (model !== null) {
    found.push({ stage: "model", from: Math.max(0, spoken - model), seconds: model });
  }
  if (speech !== null) found.push({ stage: "speech", from: spoken, seconds: speech });
  return found;
}

/** The seconds at the right end of the scale: a round figure that no bar passes. */
export function scaleOf(answers: readonly Answer[]): number {
  const ends = answers.flatMap(({ seconds }) => [
    seconds.total ?? 0,
    ...barsOf(seconds).map((bar) => bar.from + bar.seconds),
  ]);
  const longest = Math.max(0, ...ends);
  const steps = [0.5, 1, 1.5, 2, 3, 4, 5, 8, 10, 15, 20, 30, 60];
  return steps.find((step) => step >= longest) ?? Math.ceil(longest);
}

import { useMutation } from "@tanstack/react-query";
import { api, data } from "../../api/client";
import { Button } from "../../components/Button";
import { Failure } from "../../components/Notice";
import type { Floor } from "../../feed/call";
import { capital } from "../../words";
import type { CallLine, LineState } from "./callLine";
import { MicrophoneMeter } from "./MicrophoneMeter";

/** One's own part in the call: who speaks with the caller, one's microphone, and whom to hand it to. */
export function FloorBar({
  callId,
  floor,
  line,
  state,
  nameOf,
}: {
  callId: string;
  floor: Floor;
  line: CallLine;
  state: LineState;
  nameOf: (userId: string | null) => string;
}) {
  const give = useMutation({
    mutationFn: (to: string) =>
      data(
        api.POST("/api/v1/calls/{call_id}/floor", {
          params: { path: { call_id: callId } },
          body: { to },
        }),
      ),
  });
  const mine = floor.holder?.identity === state.identity && state.identity !== "";
  const others = floor.inCall.filter((one) => one.identity !== state.identity);
  return (
    <div className={`floor ${mine ? "floor-mine" : ""}`}>
      <p className="floor-words" role="status">
        {floorWords(floor, state, nameOf)}
      </p>
      {state.microphone !== null && (
        <div className="floor-microphone">
          <Button
            aria-pressed={state.muted}
            className="toggle"
            shortcut="m"
            onClick={() => void line.mute(!state.muted)}
          >
            {state.muted ? "Unmute" : "Mute"}
          </Button>
          <MicrophoneMeter track={state.microphone} muted={state.muted} />
        </div>
      )}
      {mine && others.length > 0 && (
        <div className="actions">
          {others.map((one) => (
            <Button
              key={one.identity}
              busy={give.isPending}
              onClick={() => give.mutate(one.identity)}
            >
              Give floor to {nameOf(one.userId)}
            </Button>
          ))}
        </div>
      )}
      {floor.state === "assistant" && state.microphone === null && state.part === "in_call" && (
        <div className="actions">
          <Button
            busy={give.isPending}
            onClick={() =>
              // The agent lets one speak; where it let one already, there is nothing to wait for.
              give.mutate(state.identity, { onSuccess: () => void line.speak() })
            }
          >
            Take the floor
          </Button>
        </div>
      )}
      <Failure error={give.error} />
    </div>
  );
}

function floorWords(
  floor: Floor,
  state: LineState,
  nameOf: (userId: string | null) => string,
): string {
  if (state.reconnecting) return "Your connection is broken: reconnecting…";
  if (state.part === "joining") return "Joining the call…";
  if (state.part === "leaving") return "Leaving the call…";
  if (floor.holder?.identity === state.identity) {
    return state.muted
      ? "You have the floor, but your microphone is muted."
      : "You are speaking with the caller. The assistant is silent.";
  }
  if (floor.state === "person") {
    return `${holderName(floor, nameOf)} has the floor. You are in the call and listening, until the floor is given to you.`;
  }
  return state.microphone === null
    ? "You are in the call and listening: the assistant speaks with the caller."
    : "You are in the call. The assistant is falling silent…";
}

/** Who speaks with the caller, at the beginning of a sentence. */
export function holderName(floor: Floor, nameOf: (userId: string | null) => string): string {
  if (floor.holder === null) return "Somebody on a telephone";
  return capital(nameOf(floor.holder.userId));
}

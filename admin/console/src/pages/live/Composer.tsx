import { useImperativeHandle, useRef, useState, type Ref } from "react";
import { useMutation } from "@tanstack/react-query";
import { api, data } from "../../api/client";
import { Button } from "../../components/Button";
import { Failure } from "../../components/Notice";

export interface ComposerHandle {
  /** Begin to write: for the assistant's ears only, or to be said to the caller. */
  write: (aloud: boolean) => void;
}

/** Text for the assistant: whispered, or to be said to the caller word for word. */
export function Composer({ callId, ref }: { callId: string; ref: Ref<ComposerHandle> }) {
  const [aloud, setAloud] = useState(false);
  const [text, setText] = useState("");
  const [sent, setSent] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useImperativeHandle(ref, () => ({
    write: (spoken) => {
      setAloud(spoken);
      field.current?.focus();
    },
  }));
  const send = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/calls/{call_id}/whisper", {
          params: { path: { call_id: callId } },
          body: { text: text.trim(), aloud },
        }),
      ),
    onSuccess: () => {
      setText("");
      setSent(aloud ? "The assistant says it now." : "The assistant has been told.");
      field.current?.focus();
    },
  });

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "" && !send.isPending) send.mutate();
      }}
    >
      <div className="composer-modes" role="group" aria-label="Who is to hear it">
        <Button
          aria-pressed={!aloud}
          className="toggle"
          shortcut="w"
          onClick={() => {
            setAloud(false);
            field.current?.focus();
          }}
        >
          Whisper
        </Button>
        <Button
          aria-pressed={aloud}
          className="toggle"
          shortcut="s"
          onClick={() => {
            setAloud(true);
            field.current?.focus();
          }}
        >
          Say this
        </Button>
      </div>
      <div className="composer-text">
        <input
          ref={field}
          value={text}
          maxLength={1000}
          enterKeyHint="send"
          aria-label={aloud ? "Say this to the caller" : "Whisper to the assistant"}
          placeholder={
            aloud ? "The assistant says this, word for word" : "Only the assistant gets this"
          }
          onChange={(event) => {
            setText(event.target.value);
            setSent("");
          }}
          onKeyDown={(event) => {
            if (event.key === "Escape") event.currentTarget.blur();
          }}
        />
        <Button kind="main" type="submit" busy={send.isPending} disabled={text.trim() === ""}>
          Send
        </Button>
      </div>
      <p className="composer-sent" role="status">
        {sent}
      </p>
      <Failure error={send.error} />
    </form>
  );
}

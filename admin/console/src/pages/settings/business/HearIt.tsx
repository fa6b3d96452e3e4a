import { useEffect, useRef, useState } from "react";
import { api, data } from "../../../api/client";
import { Button } from "../../../components/Button";
import { Failure } from "../../../components/Notice";

/** Speaks a text as callers would hear it. */
export function HearIt({ text, voice, label }: { text: string; voice: string; label: string }) {
  const [sound, setSound] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const player = useRef<HTMLAudioElement>(null);

  useEffect(() => {
    if (sound === null) return;
    // Where the browser wants another click first, the player is there to be clicked.
    void player.current?.play().catch(() => undefined);
    return () => URL.revokeObjectURL(sound);
  }, [sound]);

  async function hear() {
    setBusy(true);
    setFailure(null);
    try {
      const spoken = await data(
        api.POST("/api/v1/speech", {
          body: { text, voice: voice || null },
          parseAs: "blob",
        }),
      );
      setSound(URL.createObjectURL(spoken as unknown as Blob));
    } catch (error) {
      setSound(null);
      setFailure(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <div className="hear-it">
      <Button busy={busy} disabled={text.trim() === ""} onClick={() => void hear()}>
        {busy ? "Speaking…" : label}
      </Button>
      {sound !== null && <audio ref={player} controls src={sound} aria-label={label} />}
      <Failure error={failure} />
    </div>
  );
}

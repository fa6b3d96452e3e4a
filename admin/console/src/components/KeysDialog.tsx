import { useState } from "react";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { setSingleKeys, singleKeys } from "./keys";

const KEYS: readonly (readonly [string, string])[] = [
  ["?", "Show these keys"],
  ["↑ ↓", "Live: the call before, the next call"],
  ["L", "Listen, or stop listening"],
  ["W", "Whisper to the assistant"],
  ["S", "Have the assistant say something to the caller"],
  ["T", "Take over the call"],
  ["M", "Mute or open your microphone"],
  ["H", "Hand the call back to the assistant"],
  ["X", "Transfer the call to a telephone"],
  ["E", "End the call"],
  ["Esc", "Close a dialog"],
];

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const [on, setOn] = useState(singleKeys);
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label className="check">
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => {
            setSingleKeys(event.target.checked);
            setOn(event.target.checked);
          }}
        />
        Single keys do something on this browser
      </label>
      <div className="actions">
        <Button kind="main" onClick={onClose}>
          Close
        </Button>
      </div>
    </Dialog>
  );
}

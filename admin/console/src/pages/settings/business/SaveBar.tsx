import { useEffect, useState } from "react";
import { Button } from "../../../components/Button";
import { Dialog } from "../../../components/Dialog";
import { Failure } from "../../../components/Notice";
import { useUnsaved } from "../form/unsaved";
import { Stranded } from "../hours/Stranded";
import { clashes, shownLeaf } from "./changes";
import { nameOfPath, useDraft } from "./draft";

/** What is not saved yet stays at hand on every sub-page, and is not left behind unasked. */
export function SaveBar() {
  const draft = useDraft();
  const [done, setDone] = useState(false);
  const dirty = draft.changed.length > 0;

  useUnsaved(dirty, leavesSettings);

  useEffect(() => {
    if (dirty) setDone(false);
  }, [dirty]);

  return (
    <>
      {dirty && (
        <div className="save-bar" role="region" aria-label="Unsaved changes">
          <div className="save-bar-text">
            <strong>Not saved yet:</strong> {draft.changed.map(nameOfPath).join(", ")}
            <Failure error={draft.failure} />
          </div>
          <div className="actions">
            <Button
              kind="main"
              busy={draft.busy}
              onClick={() => void draft.save().then((saved) => setDone(saved))}
            >
              Save changes
            </Button>
            <Button onClick={draft.undo}>Undo</Button>
          </div>
        </div>
      )}
      <p className="visually-hidden" role="status">
        {done && !dirty ? "Saved." : ""}
      </p>
      {done && !dirty && <p className="saved-note">Saved. The next call is answered with it.</p>}
      {draft.conflict !== null && <Conflict onDone={setDone} />}
      {draft.outside.length > 0 && (
        <Dialog title="Appointments outside hours" onClose={draft.forget}>
          <p>The change is saved. These appointments are outside working hours now:</p>
          <Stranded appointments={draft.outside} />
          <div className="actions">
            <Button kind="main" onClick={draft.forget}>
              Close
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function Conflict({ onDone }: { onDone: (saved: boolean) => void }) {
  const draft = useDraft();
  if (draft.conflict === null) return null;
  const found = clashes(draft.saved.document, draft.conflict.document, draft.document);
  return (
    <Dialog title="Somebody else saved meanwhile" onClose={draft.forget}>
      <p>The settings were changed after you opened them. Nothing of yours is saved yet.</p>
      <div className="scroll-x" role="region" aria-label="What differs" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Setting</th>
              <th scope="col">Theirs</th>
              <th scope="col">Yours</th>
            </tr>
          </thead>
          <tbody>
            {found.map((one) => (
              <tr key={one.path}>
                <th scope="row">{nameOfPath(one.path)}</th>
                <td>{shownLeaf(one.theirs)}</td>
                <td>{shownLeaf(one.mine)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>Where only one of you changed something, both changes can stand.</p>
      <div className="actions">
        <Button
          kind="main"
          busy={draft.busy}
          onClick={() => void draft.merge().then((saved) => onDone(saved))}
        >
          Save mine on top of theirs
        </Button>
        <Button onClick={draft.yield_}>Take theirs</Button>
        <Button kind="quiet" onClick={draft.forget}>
          Go on editing
        </Button>
      </div>
    </Dialog>
  );
}

/** Sub-pages share the draft; elsewhere it would be lost. */
function leavesSettings(path: string): boolean {
  return !path.startsWith("/settings");
}

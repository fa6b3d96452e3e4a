import { useState, type ReactNode } from "react";
import { Button } from "../../../components/Button";
import { Dialog } from "../../../components/Dialog";
import { Failure } from "../../../components/Notice";

/** Asks before something is done. */
export function Confirm({
  title,
  yes,
  no = "Cancel",
  danger = false,
  run,
  onClose,
  children,
}: {
  title: string;
  yes: string;
  no?: string;
  danger?: boolean;
  run: () => Promise<unknown>;
  onClose: () => void;
  children: ReactNode;
}) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  async function go() {
    setBusy(true);
    setFailure(null);
    try {
      await run();
      onClose();
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <Failure error={failure} />
      {children}
      <div className="actions">
        <Button kind={danger ? "danger" : "main"} busy={busy} onClick={() => void go()}>
          {yes}
        </Button>
        <Button onClick={onClose}>{no}</Button>
      </div>
    </Dialog>
  );
}

import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";

export function LeaveDialog({ onStay, onLeave }: { onStay: () => void; onLeave: () => void }) {
  return (
    <Dialog title="Leave the call?" onClose={onStay}>
      <p>You are in a call. If you go, the assistant goes on with the caller.</p>
      <div className="actions">
        <Button kind="main" onClick={onStay}>
          Stay in the call
        </Button>
        <Button kind="danger" onClick={onLeave}>
          Leave it
        </Button>
      </div>
    </Dialog>
  );
}

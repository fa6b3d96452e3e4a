/** What is not saved yet is not left behind unasked. The router knows one blocker at a time: this is it. */
import {
  createContext,
  useContext,
  useEffect,
  useId,
  useRef,
  type ReactNode,
  type RefObject,
} from "react";
import { useBlocker } from "react-router";
import { Button } from "../../../components/Button";
import { Dialog } from "../../../components/Dialog";
import { useTyped } from "../../../typed";

/** Whether going to a path would lose it. */
type Loses = (path: string) => boolean;

const Context = createContext<RefObject<Map<string, Loses>> | null>(null);

export function UnsavedProvider({ children }: { children: ReactNode }) {
  const unsaved = useRef(new Map<string, Loses>());
  const blocker = useBlocker(({ currentLocation, nextLocation }) => {
    const [here, there] = [currentLocation, nextLocation].map((at) => at.pathname + at.search);
    return here !== there && [...unsaved.current.values()].some((one) => one(there ?? ""));
  });
  return (
    <Context.Provider value={unsaved}>
      {children}
      {blocker.state === "blocked" && (
        <Dialog title="Leave without saving?" onClose={() => blocker.reset()}>
          <p>Your changes on this page are not saved.</p>
          <div className="actions">
            <Button kind="main" onClick={() => blocker.reset()}>
              Stay
            </Button>
            <Button kind="danger" onClick={() => blocker.proceed()}>
              Leave
            </Button>
          </div>
        </Dialog>
      )}
    </Context.Provider>
  );
}

/** Asks before something unsaved is lost; `loses` says by going where, if not everywhere. */
export function useUnsaved(dirty: boolean, loses: Loses = everywhere): void {
  const unsaved = useContext(Context);
  const id = useId();
  useTyped(dirty);
  useEffect(() => {
    if (!dirty) return;
    const known = unsaved?.current;
    known?.set(id, loses);
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => {
      known?.delete(id);
      window.removeEventListener("beforeunload", warn);
    };
  }, [dirty, id, loses, unsaved]);
}

const everywhere: Loses = () => true;

import { useEffect, useMemo, useSyncExternalStore } from "react";
import { CallLine, type LineState } from "./callLine";

/** The line into a call while it is looked at and goes on. */
export function useCallLine(
  callId: string,
  { wanted }: { wanted: boolean },
): { line: CallLine; state: LineState } {
  const line = useMemo(() => new CallLine(callId), [callId]);
  useEffect(() => {
    if (!wanted) return;
    line.open();
    return () => line.close();
  }, [line, wanted]);
  return { line, state: useSyncExternalStore(line.subscribe, line.snapshot) };
}

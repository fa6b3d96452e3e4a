/** Whether somebody has typed what is not saved yet: a session that ends meanwhile must not take it away. */
import { useEffect, useId } from "react";

const typing = new Set<string>();

export function anythingTyped(): boolean {
  return typing.size > 0;
}

/** Says that what is on the page is to be kept, as long as `typed`. */
export function useTyped(typed: boolean): void {
  const id = useId();
  useEffect(() => {
    if (!typed) return;
    typing.add(id);
    return () => {
      typing.delete(id);
    };
  }, [typed, id]);
}

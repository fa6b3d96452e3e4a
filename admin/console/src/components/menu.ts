import { useEffect, type RefObject } from "react";

/** A menu closes with Escape, and when one goes on elsewhere. */
export function useClosing(menu: RefObject<HTMLDetailsElement | null>): void {
  useEffect(() => {
    const close = (event: Event) => {
      const open = menu.current;
      if (!open?.open) return;
      const escaped = event instanceof KeyboardEvent && event.key === "Escape";
      const elsewhere = !(event instanceof KeyboardEvent) && !open.contains(event.target as Node);
      if (escaped) open.querySelector("summary")?.focus();
      if (escaped || elsewhere) open.open = false;
    };
    for (const name of ["keydown", "pointerdown", "focusin"]) window.addEventListener(name, close);
    return () => {
      for (const name of ["keydown", "pointerdown", "focusin"]) {
        window.removeEventListener(name, close);
      }
    };
  }, [menu]);
}

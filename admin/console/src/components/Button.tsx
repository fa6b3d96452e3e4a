import type { ButtonHTMLAttributes, ReactNode } from "react";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `main`: what one came for; `danger`: can't be undone; `quiet`: beside the point. */
  kind?: "main" | "plain" | "quiet" | "danger";
  busy?: boolean;
  /** The key that does the same (shown, and told to assistive technology). */
  shortcut?: string;
  children: ReactNode;
}

export function Button({ kind = "plain", busy = false, shortcut, children, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      className={`button button-${kind} ${rest.className ?? ""}`}
      disabled={rest.disabled === true || busy}
      aria-busy={busy}
      aria-keyshortcuts={shortcut}
    >
      {children}
      {shortcut !== undefined && <kbd aria-hidden="true">{shortcut.toUpperCase()}</kbd>}
    </button>
  );
}

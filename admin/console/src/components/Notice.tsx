import type { ReactNode } from "react";

export function Loading({ what }: { what: string }) {
  return (
    <p className="loading" role="status">
      Loading {what}…
    </p>
  );
}

/** Something that went wrong, or well. Errors are read out at once. */
export function Notice({
  kind = "info",
  children,
}: {
  kind?: "info" | "error" | "good";
  children: ReactNode;
}) {
  return (
    <div className={`notice notice-${kind}`} role={kind === "error" ? "alert" : "status"}>
      {children}
    </div>
  );
}

export function Failure({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  return <Notice kind="error">{error instanceof Error ? error.message : String(error)}</Notice>;
}

/** What was read before stays on the page when it can't be read anew: it may only be out of date. */
export function Stale({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  return (
    <Notice>
      This may be out of date. {error instanceof Error ? error.message : String(error)}
    </Notice>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>;
}

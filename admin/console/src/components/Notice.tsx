import type { ReactNode } from "react";

export function Loading({ what }: { what: string }) {
  return (
    <p className="loading" role="status">
      Loading {what}…
    </p>
  );
}

/** In place of what has not been read yet: that it is being read, or why it can't be. */
export function Unread({ what, error }: { what: string; error: unknown }) {
  return error ? <Failure error={error} /> : <Loading what={what} />;
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
  return <Notice kind="error">{messageOf(error)}</Notice>;
}

/** What was read before stays on the page when it can't be read anew: it may only be out of date. */
export function Stale({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  return <Notice>This may be out of date. {messageOf(error)}</Notice>;
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { useEffect } from "react";

/** The page's name in the browser's tab, and as screen readers say it when it changes. */
export function useTitle(page: string, business?: string | null): void {
  useEffect(() => {
    document.title = business ? `${page} · ${business}` : `${page} · Reception`;
  }, [page, business]);
}

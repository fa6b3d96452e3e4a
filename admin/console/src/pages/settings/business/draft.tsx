/** The settings that one is about to change: one draft for all sub-pages, saved as a whole. */
import { createContext, useContext, useState, type ReactNode } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ApiError, data, type Schemas } from "../../../api/client";
import { Failure, Loading } from "../../../components/Notice";
import { useSession } from "../../../session";
import { fieldOf, useDocument, wrong } from "../form/schema";
import { changedPaths, setAt, valueAt, withChanges } from "./changes";

export type Settings = Schemas["BusinessSettings"];
export type Saved = Schemas["SettingsVersion"];
type Left = Schemas["Appointment"][];

interface Draft {
  saved: Saved;
  document: Settings;
  changed: readonly string[];
  busy: boolean;
  failure: unknown;
  /** What somebody else saved meanwhile; one has to choose. */
  conflict: Saved | null;
  /** Appointments that the last change left outside hours. */
  outside: Left;
  strict: boolean;
  get: (path: string) => unknown;
  set: (path: string, value: unknown) => void;
  errorOf: (path: string) => string | undefined;
  save: () => Promise<boolean>;
  /** Put a document in force at once, whatever the draft says; other changes stay unsaved. */
  put: (document: Settings) => Promise<boolean>;
  undo: () => void;
  /** One's own changes on top of theirs. */
  merge: () => Promise<boolean>;
  yield_: () => void;
  forget: () => void;
}

const Context = createContext<Draft | null>(null);

export const settingsKey = (businessId: string) => ["settings", businessId] as const;

export function useBusinessId(): string {
  const { business } = useSession();
  if (business === null) throw new Error("the session has no business");
  return business.id;
}

export function useSavedSettings() {
  const businessId = useBusinessId();
  return useQuery({
    queryKey: settingsKey(businessId),
    queryFn: () => readSettings(businessId),
    // A draft stands on what was read: it is not swapped under one's hands.
    refetchOnWindowFocus: false,
  });
}

export function readSettings(businessId: string): Promise<Saved> {
  return data(
    api.GET("/api/v1/businesses/{business_id}/settings", {
      params: { path: { business_id: businessId } },
    }),
  );
}

/** Raises ApiError 412 when somebody else saved since `version`. */
export function writeSettings(businessId: string, document: Settings, version: number) {
  return data(
    api.PUT("/api/v1/businesses/{business_id}/settings", {
      params: {
        path: { business_id: businessId },
        header: { "If-Match": `"${version}"` },
      },
      body: document,
    }),
  );
}

/** `without`: what is shown as long as there are no settings, instead of why. */
export function DraftProvider({ children, without }: { children: ReactNode; without?: ReactNode }) {
  const { data: saved, error } = useSavedSettings();
  const description = useDocument();
  if (saved === undefined || description.data === undefined) {
    if (without !== undefined) return without;
    const failure = error ?? description.error;
    return failure ? <Failure error={failure} /> : <Loading what="the settings" />;
  }
  return <Holding first={saved}>{children}</Holding>;
}

function Holding({ first, children }: { first: Saved; children: ReactNode }) {
  const queries = useQueryClient();
  const businessId = useBusinessId();
  const { data: description } = useDocument();
  const [saved, setSaved] = useState(first);
  const [document, setDocument] = useState(first.document);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const [conflict, setConflict] = useState<Saved | null>(null);
  const [outside, setOutside] = useState<Left>([]);
  const [strict, setStrict] = useState(false);

  const changed = changedPaths(saved.document, document);
  // Settings that a sub-page changed by another way (a holiday's switch), or another tab: the draft follows,
  // unless both changed the same. Then saving finds the conflict and asks.
  if (first.version > saved.version) {
    const theirs = changedPaths(saved.document, first.document);
    if (!theirs.some((path) => changed.includes(path))) {
      setSaved(first);
      setDocument(withChanges(first.document, document, changed));
    }
  }

  /** `kept`: what the draft changes and `next` does not hold; it stays unsaved. */
  async function write(
    next: Settings,
    version: number,
    kept: readonly string[] = [],
  ): Promise<boolean> {
    setBusy(true);
    setFailure(null);
    setConflict(null);
    try {
      const { outside_hours, ...written } = await writeSettings(businessId, next, version);
      setSaved(written);
      // What was typed while it was being saved stays as well.
      setDocument((now) =>
        withChanges(written.document, now, [...kept, ...changedPaths(document, now)]),
      );
      setOutside(outside_hours);
      setStrict(false);
      queries.setQueryData(settingsKey(businessId), written);
      await queries.invalidateQueries({ queryKey: ["settings-versions", businessId] });
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) {
        setConflict(await readSettings(businessId));
      } else {
        setFailure(error);
      }
      return false;
    } finally {
      setBusy(false);
    }
  }

  function problemOf(path: string): string | undefined {
    if (description === undefined || /\.\d+\./.test(path)) return undefined;
    return wrong(fieldOf(description, "BusinessSettings", path), valueAt(document, path));
  }

  const draft: Draft = {
    saved,
    document,
    changed,
    busy,
    failure,
    conflict,
    outside,
    strict,
    get: (path) => valueAt(document, path),
    set: (path, value) => {
      setDocument((now) => setAt(now, path, value));
      setFailure(null);
    },
    errorOf: (path) => (failure instanceof ApiError ? failure.fields.get(path) : undefined),
    save: async () => {
      if (changed.some((path) => problemOf(path) !== undefined)) {
        setStrict(true);
        setFailure(new Error(refusal(changed.filter((path) => problemOf(path) !== undefined))));
        return false;
      }
      return write(document, saved.version);
    },
    put: (next) => {
      const put = changedPaths(saved.document, next);
      const kept = changed.filter((path) => !put.includes(path));
      return write(next, saved.version, kept);
    },
    undo: () => {
      setDocument(saved.document);
      setFailure(null);
      setStrict(false);
    },
    merge: async () => {
      if (conflict === null) return false;
      return write(withChanges(conflict.document, document, changed), conflict.version);
    },
    yield_: () => {
      if (conflict === null) return;
      setSaved(conflict);
      setDocument(conflict.document);
      queries.setQueryData(settingsKey(businessId), conflict);
      setConflict(null);
    },
    forget: () => {
      setConflict(null);
      setOutside([]);
    },
  };
  return <Context.Provider value={draft}>{children}</Context.Provider>;
}

function refusal(paths: readonly string[]): string {
  return `Not saved: ${paths.map(nameOfPath).join(", ")} can't be as it is.`;
}

/** `limits.maximum_seconds` → `limits: maximum seconds`. */
export function nameOfPath(path: string): string {
  return path.replaceAll("_", " ").replaceAll(".", ": ");
}

export function useDraft(): Draft {
  const draft = useContext(Context);
  if (draft === null) throw new Error("no DraftProvider");
  return draft;
}

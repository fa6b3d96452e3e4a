import { useState } from "react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, data, type Schemas } from "../../../api/client";
import { Button } from "../../../components/Button";
import { Failure, Loading, Stale } from "../../../components/Notice";
import { dateAndClock } from "../../../components/time";
import { useMay, useSession, useZone } from "../../../session";
import { Confirm } from "../form/Confirm";
import { Diff } from "./Diff";
import { useBusinessId, useDraft, type Saved, type Settings } from "./draft";

interface Props {
  /** The part of a version that is compared, as text. */
  textOf: (document: Settings) => string;
  /** The settings to put in force when a version is restored. */
  restored: (now: Settings, version: Settings) => Settings;
  what: string;
}

/** Earlier versions: who set them and when, what differs between two, and the way back. */
export function Versions({ textOf, restored, what }: Props) {
  const businessId = useBusinessId();
  const draft = useDraft();
  const nameOf = useAuthors();
  const [chosen, setChosen] = useState<readonly [number, number] | null>(null);
  const [back, setBack] = useState<Saved | null>(null);
  const zone = useZone();
  const pages = useInfiniteQuery({
    queryKey: ["settings-versions", businessId],
    initialPageParam: null as string | null,
    getNextPageParam: (last: Schemas["Page_SettingsVersion_"]) => last.next,
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/v1/businesses/{business_id}/settings/versions", {
          params: {
            path: { business_id: businessId },
            query: { limit: 100, ...(pageParam === null ? {} : { cursor: pageParam }) },
          },
        }),
      ),
  });
  if (pages.data === undefined) {
    return pages.error ? <Failure error={pages.error} /> : <Loading what="the versions" />;
  }
  const all = pages.data.pages.flatMap((page) => page.items);
  // Versions that left this part as it was are of no interest here.
  const told = all.filter((one, at) => {
    const older = all[at + 1];
    return older === undefined || textOf(older.document) !== textOf(one.document);
  });
  const [newest, second] = told;
  const [left, right] = chosen ?? [second?.version ?? 0, newest?.version ?? 0];
  const before = told.find((one) => one.version === left);
  const after = told.find((one) => one.version === right);
  return (
    <section className="versions" aria-label="Versions">
      <h2>Versions</h2>
      <Stale error={pages.error} />
      <div className="scroll-x" role="region" aria-label="The versions" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">
                <span className="visually-hidden">Restore</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {told.map((one, at) => (
              <tr key={one.version}>
                <td>{one.version}</td>
                <td>{dateAndClock(one.created_at, zone)}</td>
                <td>{nameOf(one.created_by)}</td>
                <td>
                  {at === 0 ? (
                    <span className="badge">in force</span>
                  ) : (
                    <Button
                      aria-label={`Restore version ${one.version}`}
                      onClick={() => setBack(one)}
                    >
                      Restore
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages.hasNextPage && (
        <Button onClick={() => void pages.fetchNextPage()} busy={pages.isFetchingNextPage}>
          Show earlier ones
        </Button>
      )}
      {told.length > 1 && (
        <>
          <div className="compare">
            <Pick
              label="Compare version"
              value={left}
              from={told}
              onPick={(v) => setChosen([v, right])}
            />
            <Pick
              label="with version"
              value={right}
              from={told}
              onPick={(v) => setChosen([left, v])}
            />
          </div>
          {before !== undefined && after !== undefined && (
            <Diff before={textOf(before.document)} after={textOf(after.document)} />
          )}
        </>
      )}
      {back !== null && (
        <Confirm
          title={`Restore version ${back.version}?`}
          yes="Restore"
          onClose={() => setBack(null)}
          run={async () => {
            const next = restored(draft.saved.document, back.document);
            if (!(await draft.put(next))) setBack(null);
          }}
        >
          <p>
            {what} becomes as it was then, as a new version. What is in force now stays in the list.
          </p>
          <Diff before={textOf(draft.saved.document)} after={textOf(back.document)} />
        </Confirm>
      )}
    </section>
  );
}

function Pick({
  label,
  value,
  from,
  onPick,
}: {
  label: string;
  value: number;
  from: readonly Saved[];
  onPick: (version: number) => void;
}) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onPick(Number(event.target.value))}>
        {from.map((one) => (
          <option key={one.version} value={one.version}>
            {one.version}
          </option>
        ))}
      </select>
    </label>
  );
}

/** `staff:<id>` by the name of the user, where one may know it. */
function useAuthors(): (author: string) => string {
  const may = useMay();
  const { user } = useSession();
  const { data: users } = useQuery({
    queryKey: ["users"],
    enabled: may("manager"),
    queryFn: () => data(api.GET("/api/v1/users", { params: { query: { limit: 200 } } })),
  });
  return (author) => {
    const [kind = "", id = ""] = author.split(":");
    if (id === user.id) return `${user.name} (you)`;
    const known = users?.items.find((one) => one.id === id);
    return known?.name ?? (kind === "system" ? "Set up at the beginning" : `${kind} (an API key)`);
  };
}

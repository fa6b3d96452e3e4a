import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data, type Schemas } from "../../api/client";
import { Button } from "../../components/Button";
import { Empty, Failure, Stale, Unread } from "../../components/Notice";
import { dateAndClock } from "../../components/time";
import { useMay, useZone } from "../../session";
import { inLine } from "../../words";

type Report = Schemas["ProviderReport"];
type Override = NonNullable<Report["override"]>;

const KEY = ["providers"];
const REFRESH_MS = 15_000;

const KINDS: Readonly<Record<Report["kind"], string>> = {
  hearing: "Hears",
  model: "Thinks",
  speech: "Speaks",
};

/** Who hears, thinks and speaks, and how each does; operators may decide against the figures. */
export function ProviderList() {
  const operator = useMay()("operator");
  const { data: reports, error } = useQuery({
    queryKey: KEY,
    queryFn: async () => (await data(api.GET("/api/v1/providers"))).items,
    refetchInterval: REFRESH_MS,
  });
  return (
    <section aria-label="Providers">
      <h2>Providers</h2>
      <p className="page-intro">
        One that fails in more than half of its tries is asked last, until one call finds that it
        works again.
        {!operator && " An operator of the installation may decide otherwise."}
      </p>
      {reports === undefined ? (
        <Unread what="the providers" error={error} />
      ) : (
        <>
          <Stale error={error} />
          {reports.length === 0 && <Empty>None is known yet.</Empty>}
          <ul className="things">
            {reports.map((one) => (
              <Row key={`${one.kind} ${one.provider} ${one.own}`} report={one} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Row({ report }: { report: Report }) {
  const zone = useZone();
  const operator = useMay()("operator");
  const queries = useQueryClient();
  const decide = useMutation({
    mutationFn: (state: Override | null) =>
      data(
        api.PUT("/api/v1/providers/{kind}/{provider}/override", {
          params: { path: { kind: report.kind, provider: report.provider } },
          body: { state },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  const name = `${report.provider} (${KINDS[report.kind].toLowerCase()})`;
  return (
    <li className="card thing">
      <div className="thing-text">
        <strong>
          {KINDS[report.kind]}: {report.provider}
        </strong>{" "}
        <Standing report={report} />
        <div className="thing-about">
          {inLine(
            report.own ? "your own key or address" : "the installation's",
            report.tries === 0
              ? "not asked in the last five minutes"
              : `failed ${report.failures} of ${report.tries} tries in the last five minutes`,
            report.since === null ? "" : `so since ${dateAndClock(report.since, zone)}`,
            report.override_at === null || report.override === null
              ? ""
              : `decided by an operator ${dateAndClock(report.override_at, zone)}`,
          )}
        </div>
        <Failure error={decide.error} />
      </div>
      {operator && (
        <div className="thing-actions">
          {report.override !== "open" && (
            <Button
              busy={decide.isPending}
              aria-label={`Ask last: ${name}`}
              onClick={() => decide.mutate("open")}
            >
              Ask last
            </Button>
          )}
          {report.override !== "closed" && (
            <Button
              busy={decide.isPending}
              aria-label={`Ask in its place: ${name}`}
              onClick={() => decide.mutate("closed")}
            >
              Ask in its place
            </Button>
          )}
          {report.override !== null && (
            <Button
              kind="quiet"
              busy={decide.isPending}
              aria-label={`Let the figures decide about ${name}`}
              onClick={() => decide.mutate(null)}
            >
              Let the figures decide
            </Button>
          )}
        </div>
      )}
    </li>
  );
}

function Standing({ report: { state, override } }: { report: Report }) {
  if (override === "open") return <span className="badge-wrong">asked last, as decided</span>;
  if (override === "closed") return <span className="badge">in its place, as decided</span>;
  if (state === "open") return <span className="badge-wrong">fails: asked last</span>;
  if (state === "half_open") return <span className="badge-wrong">being tried again</span>;
  return <span className="badge">works</span>;
}

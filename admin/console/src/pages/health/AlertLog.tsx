import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { AlertItem } from "../../alerts/AlertItem";
import { useOpenAlerts } from "../../alerts/useAlerts";
import { api, data } from "../../api/client";
import { Button } from "../../components/Button";
import { Empty, Failure, Loading, Stale } from "../../components/Notice";

const PAGE = 10;

/** Every alert there was, the open ones first. */
export function AlertLog() {
  // Told by the live feed: what opens or ends is in this list too.
  const { dataUpdatedAt } = useOpenAlerts();
  const alerts = useInfiniteQuery({
    queryKey: ["alerts", "all", dataUpdatedAt],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/v1/alerts", {
          params: { query: { limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });
  if (alerts.data === undefined) {
    return alerts.error ? <Failure error={alerts.error} /> : <Loading what="the alerts" />;
  }
  const shown = alerts.data.pages.flatMap((page) => page.items);
  return (
    <section aria-label="Alerts">
      <h2>Alerts</h2>
      <Stale error={alerts.error} />
      {shown.length === 0 && <Empty>There has been none.</Empty>}
      <ul className="things">
        {shown.map((one) => (
          <li key={one.id} className={`card ${one.resolved_at === null ? "" : "thing-off"}`}>
            <AlertItem alert={one} />
          </li>
        ))}
      </ul>
      {alerts.hasNextPage && (
        <Button busy={alerts.isFetchingNextPage} onClick={() => void alerts.fetchNextPage()}>
          Show earlier ones
        </Button>
      )}
    </section>
  );
}

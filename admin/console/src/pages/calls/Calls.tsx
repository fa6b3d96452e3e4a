import { useEffect } from "react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { api, data } from "../../api/client";
import { Button } from "../../components/Button";
import { Empty, Failure, Loading } from "../../components/Notice";
import { useZone } from "../../session";
import { CallFilterForm } from "./CallFilterForm";
import { CallTable } from "./CallTable";
import { addressOf, filtersIn, isFiltered, NO_FILTERS, pagesIn, queryOf, wrongIn } from "./filters";
import "./calls.css";

const PAGE = 50;
const REFRESH_MS = 15_000;

export default function Calls() {
  const zone = useZone();
  const [address, setAddress] = useSearchParams();
  const filters = filtersIn(address);
  const wanted = pagesIn(address);
  const wrong = wrongIn(filters);
  const query = queryOf(filters, zone);

  const calls = useInfiniteQuery({
    queryKey: ["calls", query],
    queryFn: ({ pageParam, signal }) =>
      data(
        api.GET("/api/v1/calls", {
          params: { query: { ...query, limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    enabled: wrong.size === 0,
    placeholderData: keepPreviousData,
    refetchInterval: wanted === 1 ? REFRESH_MS : false,
  });

  const { hasNextPage, isFetching, isError, fetchNextPage } = calls;
  const read = calls.data?.pages.length ?? 0;
  // Coming back, or to a copied address: as much is opened as was open there.
  useEffect(() => {
    if (read > 0 && read < wanted && hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [read, wanted, hasNextPage, isFetching, isError, fetchNextPage]);

  const shown = calls.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <h1>Calls</h1>
      <CallFilterForm
        key={addressOf(filters).toString()}
        filters={filters}
        wrong={wrong}
        error={calls.error}
        onChange={(next) => setAddress(addressOf(next))}
      />
      <Failure error={calls.error} />
      {calls.isPending && wrong.size === 0 && !calls.isError && <Loading what="the calls" />}
      {calls.data !== undefined && shown.length === 0 && !calls.isError && (
        <Empty>
          {isFiltered(filters) ? (
            <>
              No call is like that.{" "}
              <Button kind="quiet" onClick={() => setAddress(addressOf(NO_FILTERS))}>
                Show all calls
              </Button>
            </>
          ) : (
            "No call has come in yet."
          )}
        </Empty>
      )}
      {shown.length > 0 && (
        <div aria-busy={calls.isPlaceholderData} className="calls-found">
          <CallTable calls={shown} zone={zone} />
          {hasNextPage && (
            <div className="calls-more">
              <Button
                busy={calls.isFetchingNextPage}
                onClick={() => {
                  setAddress(addressOf(filters, read + 1), {
                    replace: true,
                    preventScrollReset: true,
                  });
                  void fetchNextPage();
                }}
              >
                Load more
              </Button>
            </div>
          )}
        </div>
      )}
    </>
  );
}

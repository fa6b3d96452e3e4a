import { useQuery } from "@tanstack/react-query";
import { api, data } from "../../api/client";
import type { Call } from "../../feed/call";
import { useSession } from "../../session";

/** The caller's name, else their number, else that it was withheld. */
export function callerOf(call: Call): string {
  return call.contact_name ?? call.caller_phone ?? "Number withheld";
}

/** How users are called in a sentence: `you`, a name, or `a colleague` as long as it is not known. */
export function useUserNames(): (userId: string | null) => string {
  const { user } = useSession();
  const { data: users } = useQuery({
    queryKey: ["users", "names"],
    queryFn: () => data(api.GET("/api/v1/users/names", { params: { query: { limit: 200 } } })),
    staleTime: 60_000,
  });
  return (userId) => {
    if (userId === user.id) return "you";
    return users?.items.find((one) => one.id === userId)?.name ?? "a colleague";
  };
}

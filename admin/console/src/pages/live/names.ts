import { useSession } from "../../session";
import { useColleagues } from "../calls/colleagues";

/** How users are called in a sentence: `you`, a name, or `a colleague` as long as it is not known. */
export function useUserNames(): (userId: string | null) => string {
  const { user } = useSession();
  const colleagues = useColleagues();
  return (userId) => {
    if (userId === user.id) return "you";
    return (userId !== null && colleagues.get(userId)) || "a colleague";
  };
}

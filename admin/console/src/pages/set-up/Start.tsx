import { Navigate } from "react-router";
import { Loading } from "../../components/Notice";
import { useMay } from "../../session";
import { usePeople, useServices } from "../settings/lists";

/** The first page: a business that has nothing yet is set up first. */
export function Start() {
  const manages = useMay()("manager");
  const services = useServices();
  const people = usePeople();
  if (manages && (services.isPending || people.isPending)) return <Loading what="the console" />;
  const fresh = services.data?.length === 0 && people.data?.length === 0;
  return <Navigate to={manages && fresh ? "/set-up" : "/live"} replace />;
}

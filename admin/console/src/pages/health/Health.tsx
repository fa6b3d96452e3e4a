import { AlertLog } from "./AlertLog";
import { FailedWork } from "./FailedWork";
import { ProviderList } from "./ProviderList";
import { Parts } from "./Parts";
import "./health.css";

/** How the installation does, as far as it concerns this business: for operators, the installation's own. */
export function Health() {
  return (
    <>
      <p className="page-intro">
        Whether callers are being answered, by what, and what has gone wrong.
      </p>
      <Parts />
      <ProviderList />
      <AlertLog />
      <FailedWork />
    </>
  );
}

import { NavLink } from "react-router";
import { SettingField } from "./business/SettingField";

const KINDS = [
  { value: "warm", label: "Warm: they hear who calls, and choose" },
  { value: "cold", label: "Cold: sent on by the carrier" },
];
const AFTER = [
  { value: "end", label: "The call ends" },
  { value: "assistant", label: "The assistant comes back" },
];
const SHOWN = [
  { value: "business", label: "The business's number" },
  { value: "caller", label: "The caller's number" },
];

export function RoutingPage() {
  return (
    <>
      <p className="page-intro">
        How callers get to a person. Who is rung, in which order and when, is set under{" "}
        <NavLink to="/settings/departments">Departments &amp; rota</NavLink>.
      </p>
      <SettingField name="handoff.kind" label="How calls are handed over" options={KINDS} />
      <SettingField name="handoff.after_person" label="When the person hangs up" options={AFTER} />
      <SettingField name="handoff.staff_first_seconds" label="Staff first" unit="seconds" />
      <SettingField
        name="handoff.shown_number"
        label="Number on the staff's telephone"
        options={SHOWN}
      />
      <SettingField name="transfer_number" label="Last resort" kind="tel" />
    </>
  );
}

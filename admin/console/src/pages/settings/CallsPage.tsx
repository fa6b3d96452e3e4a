import { SettingField } from "./business/SettingField";

export function CallsPage() {
  return (
    <>
      <p className="page-intro">When the assistant ends a call by itself.</p>
      <SettingField name="limits.maximum_seconds" label="Longest call" unit="seconds" />
      <SettingField name="limits.silence_seconds" label="Silence" unit="seconds" />
      <SettingField
        name="limits.silence_prompts"
        label="Questions before hanging up"
        unit="times"
      />
    </>
  );
}

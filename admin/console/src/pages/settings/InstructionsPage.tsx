import type { Settings } from "./business/draft";
import { SettingField } from "./business/SettingField";
import { Versions } from "./business/Versions";

const textOf = (document: Settings) => document.instructions ?? "";

export function InstructionsPage() {
  return (
    <>
      <SettingField name="instructions" label="Instructions" kind="area" rows={12} />
      <Versions
        what="Only the instructions"
        textOf={textOf}
        restored={(now, version) => ({ ...now, instructions: textOf(version) })}
      />
    </>
  );
}

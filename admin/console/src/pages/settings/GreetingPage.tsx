import { useDraft } from "./business/draft";
import { HearIt } from "./business/HearIt";
import { SettingField } from "./business/SettingField";

export function GreetingPage() {
  const { document } = useDraft();
  const voice = document.voice ?? "";
  return (
    <>
      <SettingField name="greeting" label="Greeting" kind="area" rows={3}>
        <HearIt label="Hear the greeting" text={document.greeting} voice={voice} />
      </SettingField>
      <SettingField name="voice" label="Voice">
        <HearIt
          label="Hear the voice"
          text={sampleOf(document.language ?? "en-US")}
          voice={voice}
        />
      </SettingField>
      <SettingField name="language" label="Language" />
      <SettingField name="assistant_name" label="The assistant's name" />
      <SettingField name="recording_notice" label="Recording notice" kind="area" rows={2}>
        {document.recording_notice && (
          <HearIt label="Hear the notice" text={document.recording_notice} voice={voice} />
        )}
      </SettingField>
      <SettingField name="address" label="Address" />
      <SettingField name="emergency_number" label="Emergency number" kind="tel" />
    </>
  );
}

function sampleOf(language: string): string {
  if (language.startsWith("es")) return "Buenos días. ¿En qué puedo ayudarle?";
  if (language.startsWith("hi")) return "नमस्ते, मैं आपकी क्या मदद कर सकता हूँ?";
  return "Good morning. How can I help you today?";
}

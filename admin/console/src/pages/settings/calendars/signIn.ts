import { api, data, type Schemas } from "../../../api/client";

export function takesSignIn(kind: Schemas["Calendar"]["kind"]): boolean {
  return kind === "google" || kind === "microsoft";
}

/** Leads to the vendor's page, on which the calendar's owner lets us in. */
export async function signIn(calendarId: string): Promise<void> {
  const { url } = await data(
    api.POST("/api/v1/calendars/oauth/start", { body: { calendar_id: calendarId } }),
  );
  window.open(url, "_blank", "noopener");
}

import type { Schemas } from "../../api/client";

/** How a caller is named: by the contact, or else by the number. */
export function callerOf(call: Schemas["Call"]): { name: string; phone: string | null } {
  const phone = call.caller_phone ?? null;
  if (call.contact_name) return { name: call.contact_name, phone };
  return { name: phone ?? "Number withheld", phone: null };
}

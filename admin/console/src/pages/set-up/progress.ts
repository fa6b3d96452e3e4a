/** Where somebody was in the wizard, kept by the browser for each business. */

export const STEPS = [
  { id: "basics", title: "Basics" },
  { id: "hours", title: "Hours" },
  { id: "services", title: "Services" },
  { id: "people", title: "People" },
  { id: "knowledge", title: "Knowledge" },
  { id: "call", title: "Call it now" },
  { id: "number", title: "Your number" },
] as const;

export type StepId = (typeof STEPS)[number]["id"];

const key = (businessId: string) => `reception.set-up.${businessId}`;

export function isStep(value: string | null): value is StepId {
  return STEPS.some((step) => step.id === value);
}

export function savedStep(businessId: string): StepId {
  const saved = localStorage.getItem(key(businessId));
  return isStep(saved) ? saved : "basics";
}

export function saveStep(businessId: string, step: StepId): void {
  localStorage.setItem(key(businessId), step);
}

/** The next step, or null after the last. */
export function after(step: StepId): StepId | null {
  return STEPS[STEPS.findIndex((one) => one.id === step) + 1]?.id ?? null;
}

export function before(step: StepId): StepId | null {
  return STEPS[STEPS.findIndex((one) => one.id === step) - 1]?.id ?? null;
}

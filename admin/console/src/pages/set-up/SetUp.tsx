import { lazy, Suspense, useEffect, useRef } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { Button } from "../../components/Button";
import { Loading, Notice } from "../../components/Notice";
import { useTyped } from "../../typed";
import { useMay } from "../../session";
import { DraftProvider, useBusinessId } from "../settings/business/draft";
import { UnsavedProvider } from "../settings/form/unsaved";
import { PeoplePage } from "../settings/PeoplePage";
import { Basics } from "./Basics";
import { HoursStep } from "./HoursStep";
import { KnowledgeStep } from "./KnowledgeStep";
import { NumberStep } from "./NumberStep";
import { after, before, isStep, savedStep, saveStep, STEPS, type StepId } from "./progress";
import { ServicesStep } from "./ServicesStep";
import { useDone } from "./useDone";
import "../settings/settings.css";
import "./set-up.css";

const CallStep = lazy(() => import("./CallStep"));

export default function SetUp() {
  const may = useMay();
  if (!may("manager")) {
    return <Notice kind="error">A business is set up by its managers and owners.</Notice>;
  }
  return (
    <UnsavedProvider>
      <DraftProvider>
        <Wizard />
      </DraftProvider>
    </UnsavedProvider>
  );
}

function Wizard() {
  // Its steps are forms throughout.
  useTyped(true);
  const businessId = useBusinessId();
  const navigate = useNavigate();
  const [search, setSearch] = useSearchParams();
  const asked = search.get("step");
  const step = isStep(asked) ? asked : savedStep(businessId);
  const done = useDone();
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);

  useEffect(() => {
    saveStep(businessId, step);
    // The first step is where one came to; each further one is read from its top.
    if (!first.current) heading.current?.focus();
    first.current = false;
  }, [businessId, step]);

  const go = (to: StepId | null) => {
    if (to === null) void navigate("/live");
    else setSearch({ step: to });
  };
  const at = STEPS.findIndex((one) => one.id === step);
  return (
    <div className="set-up">
      <h1>Set up your receptionist</h1>
      <nav aria-label="Steps">
        <ol className="steps">
          {STEPS.map((one) => (
            <li key={one.id}>
              <button
                type="button"
                className={`step ${done.has(one.id) ? "step-done" : ""}`}
                aria-current={one.id === step ? "step" : undefined}
                onClick={() => go(one.id)}
              >
                <span aria-hidden="true">{done.has(one.id) ? "✓" : "○"}</span> {one.title}
                {done.has(one.id) && <span className="visually-hidden"> (done)</span>}
              </button>
            </li>
          ))}
        </ol>
      </nav>
      <p className="steps-count" role="status">
        Step {at + 1} of {STEPS.length}
      </p>
      <progress className="steps-bar" value={at + 1} max={STEPS.length} aria-label="Progress" />
      <section className="settings-page" aria-labelledby="step-title">
        <h2 id="step-title" ref={heading} tabIndex={-1}>
          {STEPS[at]?.title}
        </h2>
        {step === "basics" ? (
          <Basics onSaved={() => go("hours")} />
        ) : (
          <>
            {step === "hours" && <HoursStep />}
            {step === "services" && <ServicesStep />}
            {step === "people" && <PeopleStep />}
            {step === "knowledge" && <KnowledgeStep />}
            {step === "call" && (
              <Suspense fallback={<Loading what="the telephone" />}>
                <CallStep />
              </Suspense>
            )}
            {step === "number" && <NumberStep />}
            <div className="actions step-actions">
              <Button onClick={() => go(before(step))}>Back</Button>
              <Button kind="main" onClick={() => go(after(step))}>
                {after(step) === null ? "Finish" : done.has(step) ? "Next" : "Skip for now"}
              </Button>
            </div>
          </>
        )}
      </section>
    </div>
  );
}

function PeopleStep() {
  return (
    <>
      <p className="page-intro">
        Who gives appointments, and who is rung for callers who want a person. They work whenever
        you are open, unless you give them hours of their own.
      </p>
      <PeoplePage />
    </>
  );
}

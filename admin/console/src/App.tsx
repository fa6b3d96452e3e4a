import { lazy, Suspense } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";
import { ErrorBoundary } from "./components/ErrorBoundary";
import { Failure, Loading } from "./components/Notice";
import { Shell } from "./components/Shell";
import { useTitle } from "./components/title";
import { FeedProvider } from "./feed/FeedProvider";
import { Start } from "./pages/set-up/Start";
import { SignIn } from "./pages/sign-in/SignIn";
import { SignInAgain } from "./pages/sign-in/SignInAgain";
import { useSessionState } from "./session";

const Live = lazy(() => import("./pages/live/Live"));
const Calls = lazy(() => import("./pages/calls/Calls"));
const Call = lazy(() => import("./pages/calls/Call"));
const Calendar = lazy(() => import("./pages/calendar/Calendar"));
const Settings = lazy(() => import("./pages/settings/Settings"));
const Installation = lazy(() => import("./pages/installation/Installation"));
const SetUp = lazy(() => import("./pages/set-up/SetUp"));

const TITLES: Readonly<Record<string, string>> = {
  live: "Live",
  calls: "Calls",
  calendar: "Calendar",
  settings: "Settings",
  "set-up": "Set-up",
};

export function App() {
  const { session, error, kept, timedOut } = useSessionState();
  const { pathname } = useLocation();
  const page = pathname.split("/")[1] ?? "";
  // The address stays while one signs in, so that signing in leads back to where one was.
  useTitle(session === null ? "Sign in" : (TITLES[page] ?? "Live"), session?.business?.name);
  if (session === undefined) {
    return error === null ? <Loading what="the console" /> : <Failure error={error} />;
  }
  if (session === null && !kept) return <SignIn />;
  const shown = session ?? timedOut;
  if (!shown?.business) {
    return (
      <Suspense fallback={<Loading what="the page" />}>
        <Installation />
      </Suspense>
    );
  }
  return (
    <>
      {session === null && <SignInAgain />}
      <div hidden={session === null}>
        <FeedProvider key={`${shown.business.id} ${shown.user.id}`}>
          <Shell>
            <ErrorBoundary key={page}>
              <Suspense fallback={<Loading what="the page" />}>
                <Routes>
                  <Route index element={<Start />} />
                  <Route path="live" element={<Live />} />
                  <Route path="calls" element={<Calls />} />
                  <Route path="calls/:callId" element={<Call />} />
                  <Route path="calendar" element={<Calendar />} />
                  <Route path="settings/*" element={<Settings />} />
                  <Route path="set-up" element={<SetUp />} />
                  <Route path="*" element={<Navigate to="/live" replace />} />
                </Routes>
              </Suspense>
            </ErrorBoundary>
          </Shell>
        </FeedProvider>
      </div>
    </>
  );
}

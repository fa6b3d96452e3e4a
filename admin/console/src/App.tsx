import { lazy, Suspense } from "react";
import { Navigate, Route, Routes } from "react-router";
import { Shell } from "./components/Shell";
import { Loading } from "./components/Notice";
import { SignIn } from "./pages/sign-in/SignIn";
import { useSessionState } from "./session";

const Live = lazy(() => import("./pages/live/Live"));
const Calls = lazy(() => import("./pages/calls/Calls"));
const Call = lazy(() => import("./pages/calls/Call"));
const Calendar = lazy(() => import("./pages/calendar/Calendar"));
const Settings = lazy(() => import("./pages/settings/Settings"));
const SetUp = lazy(() => import("./pages/set-up/SetUp"));

export function App() {
  const { session } = useSessionState();
  if (session === undefined) return <Loading what="the console" />;
  if (session === null) return <SignIn />;
  return (
    <Shell>
      <Suspense fallback={<Loading what="the page" />}>
        <Routes>
          <Route index element={<Navigate to="/live" replace />} />
          <Route path="live" element={<Live />} />
          <Route path="calls" element={<Calls />} />
          <Route path="calls/:callId" element={<Call />} />
          <Route path="calendar" element={<Calendar />} />
          <Route path="settings/*" element={<Settings />} />
          <Route path="set-up" element={<SetUp />} />
          <Route path="*" element={<Navigate to="/live" replace />} />
        </Routes>
      </Suspense>
    </Shell>
  );
}

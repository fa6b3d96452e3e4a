import { useId, type ReactElement } from "react";
import { Navigate, NavLink, Route, Routes, useLocation, useNavigate } from "react-router";
import { Notice } from "../../components/Notice";
import { useMay } from "../../session";
import { Health } from "../health/Health";
import { DraftProvider } from "./business/draft";
import { SaveBar } from "./business/SaveBar";
import { CalendarsPage } from "./CalendarsPage";
import { CallsPage } from "./CallsPage";
import { BookingPage } from "./BookingPage";
import { DepartmentsPage } from "./DepartmentsPage";
import { UnsavedProvider } from "./form/unsaved";
import { GreetingPage } from "./GreetingPage";
import { HistoryPage } from "./HistoryPage";
import { HolidaysPage } from "./HolidaysPage";
import { HoursPage } from "./HoursPage";
import { InstructionsPage } from "./InstructionsPage";
import { KnowledgePage } from "./KnowledgePage";
import { NumbersPage } from "./NumbersPage";
import { PeoplePage } from "./PeoplePage";
import { PlacesPage } from "./PlacesPage";
import { ProvidersPage } from "./ProvidersPage";
import { RoutingPage } from "./RoutingPage";
import { ServicesPage } from "./ServicesPage";
import { SwitchesPage } from "./SwitchesPage";
import { UsersPage } from "./UsersPage";
import "./settings.css";

interface SubPage {
  path: string;
  title: string;
  element: ReactElement;
}

const GROUPS: readonly { title: string; pages: readonly SubPage[] }[] = [
  {
    title: "The assistant",
    pages: [
      { path: "greeting", title: "Greeting & voice", element: <GreetingPage /> },
      { path: "instructions", title: "Instructions", element: <InstructionsPage /> },
      { path: "knowledge", title: "Knowledge", element: <KnowledgePage /> },
      { path: "calls", title: "Calls", element: <CallsPage /> },
      { path: "switches", title: "Switches", element: <SwitchesPage /> },
    ],
  },
  {
    title: "The business",
    pages: [
      { path: "hours", title: "Hours", element: <HoursPage /> },
      { path: "holidays", title: "Holidays", element: <HolidaysPage /> },
      { path: "services", title: "Services", element: <ServicesPage /> },
      { path: "booking", title: "Booking rules", element: <BookingPage /> },
      { path: "people", title: "People", element: <PeoplePage /> },
      { path: "places", title: "Places & rooms", element: <PlacesPage /> },
      { path: "calendars", title: "Calendars", element: <CalendarsPage /> },
    ],
  },
  {
    title: "Telephones",
    pages: [
      { path: "departments", title: "Departments & rota", element: <DepartmentsPage /> },
      { path: "routing", title: "Routing", element: <RoutingPage /> },
      { path: "numbers", title: "Numbers", element: <NumbersPage /> },
    ],
  },
  {
    title: "Administration",
    pages: [
      { path: "users", title: "Users", element: <UsersPage /> },
      { path: "providers", title: "Providers", element: <ProvidersPage /> },
      { path: "health", title: "Health", element: <Health /> },
      { path: "history", title: "History", element: <HistoryPage /> },
    ],
  },
];
const HEALTH = (
  <>
    <h1>Health</h1>
    <Health />
  </>
);
const PAGES = GROUPS.flatMap((group) => group.pages);

export default function Settings() {
  const may = useMay();
  const { pathname } = useLocation();
  if (!may("manager")) {
    return <Notice kind="error">Settings are for managers and owners.</Notice>;
  }
  return (
    <UnsavedProvider>
      <div className="settings">
        <Menu />
        <div className="settings-page">
          <DraftProvider
            // How things are is most wanted when the settings can't be read.
            without={pathname === "/settings/health" ? HEALTH : undefined}
          >
            <Routes>
              <Route index element={<Navigate to="greeting" replace />} />
              {PAGES.map((page) => (
                <Route
                  key={page.path}
                  path={page.path}
                  element={
                    <>
                      <h1>{page.title}</h1>
                      {page.element}
                    </>
                  }
                />
              ))}
              <Route path="*" element={<Navigate to="/settings/greeting" replace />} />
            </Routes>
            <SaveBar />
          </DraftProvider>
        </div>
      </div>
    </UnsavedProvider>
  );
}

function Menu() {
  const id = useId();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const here = pathname.split("/")[2] ?? "";
  return (
    <>
      <nav className="settings-menu" aria-label="Settings">
        {GROUPS.map((group) => (
          <div key={group.title}>
            <h2>{group.title}</h2>
            {group.pages.map((page) => (
              <NavLink key={page.path} to={`/settings/${page.path}`}>
                {page.title}
              </NavLink>
            ))}
          </div>
        ))}
        <div>
          <NavLink to="/set-up">Set-up wizard</NavLink>
        </div>
      </nav>
      <div className="settings-picker">
        <label htmlFor={id}>Settings</label>
        <select
          id={id}
          value={here}
          onChange={(event) => {
            const to = event.target.value;
            void navigate(to === "set-up" ? "/set-up" : `/settings/${to}`);
          }}
        >
          {GROUPS.map((group) => (
            <optgroup key={group.title} label={group.title}>
              {group.pages.map((page) => (
                <option key={page.path} value={page.path}>
                  {page.title}
                </option>
              ))}
            </optgroup>
          ))}
          <option value="set-up">Set-up wizard</option>
        </select>
      </div>
    </>
  );
}

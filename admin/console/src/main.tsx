import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createBrowserRouter, RouterProvider } from "react-router";
import { App } from "./App";
import { ApiError } from "./api/client";
import { ErrorBoundary } from "./components/ErrorBoundary";
import { applyTheme, savedTheme } from "./components/theme";
import { SessionProvider } from "./session";
import "./styles.css";

applyTheme(savedTheme());

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // Asking again does not make a refusal an answer.
      retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 2,
      refetchOnWindowFocus: true,
    },
  },
});

// A router that knows where one is about to go: only it lets a page ask before it is left.
const router = createBrowserRouter(
  [
    {
      path: "*",
      element: (
        <SessionProvider>
          <App />
        </SessionProvider>
      ),
    },
  ],
  { basename: "/console" },
);

const root = document.getElementById("root");
if (root === null) throw new Error("no #root in index.html");
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </ErrorBoundary>
  </StrictMode>,
);

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds the admin service; the built console is served by it. */
const admin = process.env["RECEPTION_ADMIN_URL"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "/console/",
  plugins: [react()],
  build: { outDir: "dist", emptyOutDir: true, sourcemap: false },
  server: { proxy: { "/api": { target: admin } } },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"] },
});

import { Button } from "../../components/Button";
import { useSession, useSessionState } from "../../session";
import { Health } from "../health/Health";
import "../settings/settings.css";

/** What operators see: the installation as a whole. The other pages are for the people of one business. */
export default function Installation() {
  const { user } = useSession();
  const { signOut } = useSessionState();
  return (
    <>
      <header className="shell-header">
        <strong className="shell-name">Reception</strong>
        <div className="shell-tools">
          <span>{user.name}</span>
          <Button onClick={() => void signOut()}>Sign out</Button>
        </div>
      </header>
      <main className="settings-page">
        <h1>The installation</h1>
        <p>
          You are an operator: you look after the installation, and work on businesses through the{" "}
          <a href="/api/docs">API</a>. Their own pages are for their users.
        </p>
        <Health />
      </main>
    </>
  );
}

import { Button } from "../../components/Button";
import { useSession, useSessionState } from "../../session";

/** Operators serve the whole installation: the console is for the people of one business. */
export function NoBusiness() {
  const { user } = useSession();
  const { signOut } = useSessionState();
  return (
    <main className="sign-in">
      <div className="card">
        <h1>No business</h1>
        <p>
          {user.name} is an operator of the installation. This console shows one business: sign in
          as one of its users, or work through the <a href="/api/docs">API</a>.
        </p>
        <Button kind="main" onClick={() => void signOut()}>
          Sign out
        </Button>
      </div>
    </main>
  );
}

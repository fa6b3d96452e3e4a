import { useEffect, useRef, useState, type FormEvent } from "react";
import { api, data } from "../../api/client";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { Failure, Notice } from "../../components/Notice";
import { useSessionState } from "../../session";

export function SignIn() {
  const { refresh, timedOut, kept } = useSessionState();
  const [email, setEmail] = useState(timedOut?.user.email ?? "");
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  const secret = useRef<HTMLInputElement>(null);

  useEffect(() => {
    (timedOut === null ? first : secret).current?.focus();
  }, [timedOut]);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await data(api.POST("/api/v1/sign-in", { body: { email: email.trim(), password } }));
      await refresh();
    } catch (failure) {
      setError(failure);
      // The wrong one is typed anew, not mended unseen.
      setPassword("");
      secret.current?.focus();
    } finally {
      setBusy(false);
    }
  }

  return (
    <main className="sign-in">
      <form className="card" onSubmit={(event) => void submit(event)}>
        <img src="/console/icon.svg" alt="" width="44" height="44" />
        <h1>Sign in to Reception</h1>
        {timedOut !== null && error === null && (
          <Notice>
            You were signed out. Sign in to go on where you were
            {kept ? ": what you typed is still there." : "."}
          </Notice>
        )}
        <Failure error={error} />
        <Field label="E-mail">
          <input
            ref={first}
            type="email"
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </Field>
        <Field label="Password">
          <input
            ref={secret}
            type={shown ? "text" : "password"}
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </Field>
        <label className="check">
          <input
            type="checkbox"
            checked={shown}
            onChange={(event) => setShown(event.target.checked)}
          />
          Show the password
        </label>
        <Button kind="main" type="submit" busy={busy}>
          {busy ? "Signing in…" : "Sign in"}
        </Button>
      </form>
    </main>
  );
}

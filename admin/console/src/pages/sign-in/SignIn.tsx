import { useState, type FormEvent } from "react";
import { api, data } from "../../api/client";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { Failure } from "../../components/Notice";
import { useSessionState } from "../../session";

export function SignIn() {
  const { refresh } = useSessionState();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await data(api.POST("/api/v1/sign-in", { body: { email, password } }));
      await refresh();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  return (
    <main className="sign-in">
      <form className="card" onSubmit={(event) => void submit(event)}>
        <h1>Reception</h1>
        <Failure error={error} />
        <Field label="E-mail">
          <input
            type="email"
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </Field>
        <Field label="Password">
          <input
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </Field>
        <Button kind="main" type="submit" busy={busy}>
          Sign in
        </Button>
      </form>
    </main>
  );
}

import { useLayoutEffect, useRef } from "react";
import { SignIn } from "./SignIn";

/** Signing in over pages that are kept. A modal dialog, because one of theirs may be open: nothing else is
 * above it and can be used. */
export function SignInAgain() {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before the form in it takes the focus.
  useLayoutEffect(() => {
    const shown = dialog.current;
    if (shown === null) return;
    const show = () => {
      if (!shown.open) shown.showModal();
    };
    show();
    // Browsers let nobody be held by a dialog: Escape closes it in the end.
    shown.addEventListener("close", show);
    return () => {
      shown.removeEventListener("close", show);
      shown.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className="sign-in-again"
      aria-label="Sign in again"
      onCancel={(event) => event.preventDefault()}
    >
      <SignIn />
    </dialog>
  );
}

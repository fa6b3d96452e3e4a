import { Component, type ReactNode } from "react";
import { Button } from "./Button";
import { Notice } from "./Notice";

/** A page that broke says so, and the rest of the console goes on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <Notice kind="error">
        <h1>This page broke</h1>
        <p>{explained(error)}</p>
        <div className="actions">
          <Button kind="main" onClick={() => window.location.reload()}>
            Load it again
          </Button>
          <Button onClick={() => this.setState({ error: null })}>Try to go on</Button>
        </div>
      </Notice>
    );
  }
}

function explained(error: Error): string {
  // A newer console has replaced the files that this tab was loaded from.
  if (/dynamically imported module|module script/i.test(error.message)) {
    return "The console has been updated since this tab was opened.";
  }
  return error.message;
}

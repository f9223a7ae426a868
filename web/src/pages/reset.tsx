// Where a link for a new password leads. Nobody needs to be signed in here.
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { announce } from "../announce";
import { Problem, Unreachable, takePasswordReset } from "../api";
import { PasswordField } from "../components/password-field";
import { endFirstPage } from "../page";
import { openSession } from "../session";
import { s as failure } from "../strings/failure";
import { s as shared } from "../strings/shared";
import { s } from "../strings/reset";

function words(error: unknown): string {
  if (error instanceof Unreachable) return failure.unreachable;
  if (error instanceof Problem) {
    if (error.status >= 500) return failure.busy;
    return error.faults[0]?.detail ?? (error.detail || failure.status(error.status));
  }
  return failure.unexpected;
}

function Outcome({ heading, text, link }: { heading: string; text: string; link: string }): JSX.Element {
  const title = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    title.current?.focus();
    announce(text);
  }, []);
  return (
    <div class="sign-in">
      <h1 tabIndex={-1} ref={title}>
        {heading}
      </h1>
      <p class="lead">{text}</p>
      <p>
        {/* What one was signed in with may have ended. */}
        <a class="button primary" href="#/" onClick={() => void openSession()}>
          {link}
        </a>
      </p>
    </div>
  );
}

export function ResetPage({ token }: { token: string }): JSX.Element {
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const [state, setState] = useState<"asks" | "done" | "void">("asks");
  const input = useRef<HTMLInputElement>(null);

  useLayoutEffect(() => {
    endFirstPage();
    document.title = shared.title(s.page);
    input.current?.focus();
  }, []);

  const fail = (text: string): void => {
    setFault(text);
    input.current?.focus();
  };

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    if (password === "") return fail(s.missing);
    setBusy(true);
    setFault("");
    try {
      await takePasswordReset(token, password);
      setState("done");
    } catch (error) {
      setBusy(false);
      if (error instanceof Problem && error.status === 404) return setState("void");
      fail(words(error));
    }
  };

  if (state === "done") return <Outcome heading={s.doneHeading} text={s.done} link={s.signIn} />;
  if (state === "void") return <Outcome heading={s.voidHeading} text={s.void} link={s.signIn} />;
  return (
    <div class="sign-in">
      <h1 tabIndex={-1}>{s.heading}</h1>
      <p class="lead" id="reset-lead">
        {s.lead}
      </p>
      <form
        class="card"
        method="post"
        action="./password-reset"
        noValidate
        aria-describedby="reset-lead"
        onSubmit={(event) => void submit(event)}
      >
        <PasswordField
          label={s.password}
          autocomplete="new-password"
          input={input}
          value={password}
          change={setPassword}
          invalid={fault !== ""}
          describedBy={["reset-rules", fault !== "" && "reset-fault"]}
        />
        <p class="hint" id="reset-rules">
          {s.rules}
        </p>
        {fault !== "" && (
          <p class="fault" id="reset-fault" role="alert">
            {fault}
          </p>
        )}
        <button type="submit" class="button primary block" aria-disabled={busy}>
          {busy ? s.busy : s.submit}
        </button>
      </form>
    </div>
  );
}

// Signing in. It replaces the requested page, at the same address, so the
// link survives it.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { announce } from "../announce";
import { address, Problem, type Config } from "../api";
import { failureWords } from "../components/failure";
import { PasswordField } from "../components/password-field";
import { endFirstPage } from "../page";
import type { Route } from "../router";
import { beginSession } from "../session";
import { outcome, startAddress } from "../single-sign-on";
import { s as shared } from "../strings/shared";
import { s } from "../strings/sign-in";

/** Counts down to 0, a second at a time. */
function useCountdown(): [number, (seconds: number) => void] {
  const [until, setUntil] = useState(0);
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (until === 0) return;
    const tick = (): void => {
      const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      setLeft(seconds);
      if (seconds > 0) return;
      setUntil(0);
      announce(s.throttleOver);
    };
    tick();
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [until]);
  return [left, (seconds) => setUntil(Date.now() + seconds * 1000)];
}

function words(error: unknown): string {
  const wrong = error instanceof Problem && (error.status === 400 || error.status === 401);
  return wrong ? s.wrong : failureWords(error)[1];
}

/** The server's own address when this page was reached under another. */
function elsewhere(config: Config | null): string | null {
  try {
    const here = config === null || new URL(config.publicUrl).origin === location.origin;
    return here ? null : `${config.publicUrl.replace(/\/+$/, "")}/app/${location.hash}`;
  } catch {
    return null;
  }
}

interface SignInPageProps {
  route: Route;
  config: Config | null;
  /** Who was signed in until just now. */
  expired: string | null;
  /** Who is expected to sign in; empty: nobody in particular. */
  expected?: string;
}

export function SignInPage({ route, config, expired, expected = expired ?? "" }: SignInPageProps): JSX.Element {
  const [email, setEmail] = useState(expected);
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<{ of: "form" | "email" | "password"; text: string } | null>(null);
  const [unfolded, setUnfolded] = useState(false);
  const [wait, startWait] = useCountdown();
  const emailInput = useRef<HTMLInputElement>(null);
  const passwordInput = useRef<HTMLInputElement>(null);

  const begin = (): void => (expected === "" ? emailInput : passwordInput).current?.focus();
  useLayoutEffect(() => {
    endFirstPage();
    document.title = shared.title(s.page);
    begin();
    if (expired !== null) announce(s.expired);
  }, []);
  // A dialog of the page that waits had the focus until now.
  useEffect(() => {
    if (document.activeElement === document.body) begin();
  }, []);

  const fail = (of: "form" | "email" | "password", text: string): void => {
    setFault({ of, text });
    (of === "email" ? emailInput : passwordInput).current?.focus();
  };

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (busy || wait > 0) return;
    if (email.trim() === "") return fail("email", s.emailMissing);
    if (password === "") return fail("password", s.passwordMissing);
    setBusy(true);
    setFault(null);
    try {
      await beginSession(email.trim(), password);
    } catch (error) {
      setBusy(false);
      if (error instanceof Problem && error.status === 429) {
        startWait(error.retryAfter || 30);
        announce(s.throttled(error.retryAfter || 30));
        return;
      }
      fail("form", words(error));
      passwordInput.current?.select();
    }
  };

  const invalid = (of: "email" | "password"): boolean => fault !== null && (fault.of === of || fault.of === "form");
  const sso = config?.singleSignOn ?? null;
  const passwords = config?.passwords !== false;
  const folded = !passwords && !unfolded; // few people need it then
  const comeTo = outcome === null || fault !== null ? undefined : s.outcomes[outcome];
  const proper = elsewhere(config);
  const key = route.name === "todo" ? route.rest[0] : undefined;
  const message = wait > 0 ? s.throttled(wait) : (fault?.text ?? "");

  return (
    <div class="sign-in">
      <h1 tabIndex={-1}>{s.heading}</h1>
      <p class="lead" id="sign-in-lead">
        {expired === null && key !== undefined ? (
          <>
            {s.kept} <bdi class="whole">{key.toUpperCase()}.</bdi>
          </>
        ) : (
          (expired !== null && s.expired) || s.lead
        )}
      </p>
      {proper !== null && (
        <p class="note">
          {s.elsewhere} <a href={proper}>{proper}</a>
        </p>
      )}
      {config?.firstRun && <p class="note">{s.firstRun}</p>}
      {proper === null && !isSecureContext && <p class="note">{s.insecure}</p>}
      {comeTo !== undefined && (
        <p class="fault-box" role="alert">
          {comeTo} {outcome === "no-role" && sso?.help}
        </p>
      )}
      {sso !== null && (
        <a
          class="button primary block"
          href={startAddress()}
          onClick={(event) => (event.currentTarget.href = startAddress())}
        >
          {sso.label ?? s.singleSignOn}
        </a>
      )}
      {sso !== null && passwords && <p class="hint">{s.or}</p>}
      {folded && (
        <button type="button" class="button quiet" onClick={() => setUnfolded(true)}>
          {s.passwordAnyway}
        </button>
      )}
      <form
        class="card"
        hidden={folded}
        method="post"
        action="./session"
        noValidate
        aria-describedby="sign-in-lead"
        onSubmit={(event) => void submit(event)}
      >
        <div class="field">
          <label for="email">{s.email}</label>
          <input
            id="email"
            name="email"
            ref={emailInput}
            type="email"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            value={email}
            aria-invalid={invalid("email")}
            aria-describedby={message !== "" ? "sign-in-fault" : undefined}
            onInput={(event) => setEmail(event.currentTarget.value)}
          />
        </div>
        <PasswordField
          label={s.password}
          autocomplete="current-password"
          input={passwordInput}
          value={password}
          change={setPassword}
          invalid={invalid("password")}
          describedBy={message === "" ? undefined : "sign-in-fault"}
        />
        {message !== "" && (
          // The countdown changes every second: only its beginning and end are read out.
          <p class="fault-box" id="sign-in-fault" role={wait > 0 ? undefined : "alert"}>
            {message}
          </p>
        )}
        <button
          type="submit"
          class={sso === null ? "button primary block" : "button block"}
          aria-disabled={busy || wait > 0}
        >
          {busy ? s.busy : s.submit}
        </button>
      </form>
      {passwords && <p class="hint">{s.forgotten}</p>}
      <p class="hint">
        <a href={address("/docs").href}>{s.api}</a>
      </p>
    </div>
  );
}

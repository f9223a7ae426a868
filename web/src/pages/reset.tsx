// Where a link for a new password leads. Nobody needs to be signed in here.
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Problem, readResetPerson, takePasswordReset, type ResetPerson } from "../api";
import { wordsOf } from "../components/failure";
import { PasswordField } from "../components/password-field";
import { Reading } from "../components/reading";
import { endFirstPage, useOutcome } from "../page";
import { useResource } from "../resource";
import { correct, href } from "../router";
import { beginSession, openSession, session } from "../session";
import { s as shared } from "../strings/shared";
import { s } from "../strings/reset";
import { toast } from "../toast";

interface OutcomeProps {
  heading: string;
  text: string;
  link: string;
  /** Whose address the sign-in page begins with. */
  email?: string;
}

function Outcome({ heading, text, link, email }: OutcomeProps): JSX.Element {
  const title = useOutcome(text);
  return (
    <div class="sign-in">
      <h1 {...title}>{heading}</h1>
      <p class="lead">{text}</p>
      <p>
        {/* What one was signed in with may have ended. */}
        <a class="button primary" href="#/" onClick={() => void openSession(email)}>
          {link}
        </a>
      </p>
    </div>
  );
}

const Void = (): JSX.Element => <Outcome heading={s.voidHeading} text={s.void} link={s.signIn} />;

/** Who is signed in here, if that is somebody else than `person`. */
function otherThan(person: ResetPerson): string | null {
  const now = session.get();
  const email = now.state === "signed-in" || now.state === "expired" ? now.account.email : person.email;
  return email === person.email ? null : email;
}

function NewPassword({ token, person }: { token: string; person: ResetPerson }): JSX.Element {
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const [state, setState] = useState<"asks" | "done" | "void">("asks");
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.focus(), []);

  const fail = (text: string): void => {
    setFault(text);
    input.current?.focus();
  };

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    if (password === "") return fail(s.missing);
    setBusy(true);
    setFault(undefined);
    try {
      await takePasswordReset(token, password);
    } catch (error) {
      setBusy(false);
      if (error instanceof Problem && error.status === 404) return setState("void");
      return fail(wordsOf(error));
    }
    // Somebody else's session is not ended unasked, with what they have typed.
    if (otherThan(person) !== null) return setState("done");
    try {
      await beginSession(person.email, password);
      correct(href([]));
      toast(s.doneHeading);
    } catch {
      setState("done"); // such as after too many wrong attempts: signing in says why
    }
  };

  if (state === "void") return <Void />;
  if (state === "done") {
    const other = otherThan(person);
    return (
      <Outcome
        heading={s.doneHeading}
        text={other === null ? s.done : s.other(other)}
        link={other === null ? s.signIn : s.goOn}
        email={person.email}
      />
    );
  }
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
        <p class="field">
          <span class="field-name">{s.person}</span>
          <bdi>{person.name === null ? person.email : `${person.name} (${person.email})`}</bdi>
        </p>
        {/* A password manager keeps the password for it. */}
        <input hidden type="email" autocomplete="username" readOnly value={person.email} />
        <PasswordField
          label={s.password}
          autocomplete="new-password"
          input={input}
          value={password}
          change={setPassword}
          hint={s.rules}
          fault={fault}
        />
        <button type="submit" class="button primary block" aria-disabled={busy}>
          {busy ? s.busy : s.submit}
        </button>
      </form>
    </div>
  );
}

export function ResetPage({ token }: { token: string }): JSX.Element {
  const [person, again] = useResource(token, () => readResetPerson(token));
  useLayoutEffect(() => {
    endFirstPage();
    document.title = shared.title(s.page);
  }, []);
  if (person.state === "ready")
    return person.value === null ? <Void /> : <NewPassword token={token} person={person.value} />;
  return (
    <div class="sign-in">
      <h1 class="unseen">{s.heading}</h1>
      <Reading of={person} again={again} rows={2} />
    </div>
  );
}

// Where the link leads that a server without people prints: the first administrator, and the first workspace.
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { call, Problem } from "../api";
import { Entry, ownZone, Send, ZoneSelect } from "../components/entry";
import { PasswordField } from "../components/password-field";
import { endFirstPage, useOutcome } from "../page";
import { href } from "../router";
import { useSaving } from "../saving";
import { enterSession } from "../session";
import { s } from "../strings/first-run";
import { s as shared } from "../strings/shared";
import { s as reset } from "../strings/reset";
import { s as workshop } from "../strings/workshop";

const fields = ["/email", "/name", "/password", "/workspace"];

function Done(): JSX.Element {
  const heading = useOutcome(s.doneHeading);
  return (
    <div class="sign-in wide">
      <h1 {...heading}>{s.doneHeading}</h1>
      <p class="lead">{s.done}</p>
      <ul class="section-cards">
        {(["workspaces", "people", "clients"] as const).map((name) => (
          <li key={name}>
            <a href={href(["workshop", name])}>
              <strong>{workshop.sections[name][0]}</strong>
              <span class="hint">{workshop.sections[name][1]}</span>
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Void(): JSX.Element {
  const heading = useOutcome(s.voidHeading);
  return (
    <div class="sign-in wide">
      <h1 {...heading}>{s.voidHeading}</h1>
      <p class="lead">{s.void}</p>
      <p>{s.voidNew}</p>
      <pre tabIndex={0}>
        <code>{"systemctl restart bzctrld\njournalctl -u bzctrld --since -1min | grep first-run"}</code>
      </pre>
      <p>
        <a class="button primary" href="#/">
          {s.signIn}
        </a>
      </p>
    </div>
  );
}

export default function FirstRunPage({ token }: { token: string }): JSX.Element {
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [key, setKey] = useState("");
  const [placeName, setPlaceName] = useState("");
  const [timezone, setZone] = useState(ownZone());
  const [missing, setMissing] = useState<"email" | "password" | null>(null);
  const [state, setState] = useState<"asks" | "done" | "void">("asks");
  const passwordInput = useRef<HTMLInputElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const saving = useSaving();

  useLayoutEffect(() => {
    endFirstPage();
    document.title = shared.title(s.page);
  }, []);
  // What is wrong first has the focus.
  const wrong = saving.faultOf("") ?? saving.faultBeside([]);
  useLayoutEffect(() => {
    form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [wrong, missing]);

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const empty = email.trim() === "" ? "email" : password === "" ? "password" : null;
    setMissing(empty);
    if (empty !== null) return;
    const workspace = { key: key.trim(), timezone, ...(placeName.trim() !== "" && { name: placeName.trim() }) };
    await saving.save(async () => {
      try {
        const account = await call("POST", "/app/first-run", {
          body: {
            token,
            email: email.trim(),
            password,
            ...(name.trim() !== "" && { name: name.trim() }),
            ...(key.trim() !== "" && { workspace }),
          },
        });
        setState("done");
        enterSession(account);
      } catch (error) {
        if (error instanceof Problem && error.status === 404) setState("void");
        else throw error;
      }
    });
  };

  if (state === "done") return <Done />;
  if (state === "void") return <Void />;
  return (
    <div class="sign-in wide">
      <h1 tabIndex={-1}>{s.heading}</h1>
      <p class="lead">{s.lead}</p>
      <form class="card" ref={form} noValidate onSubmit={(event) => void submit(event)}>
        <h2>{s.you}</h2>
        <Entry
          label={s.email}
          type="email"
          autocomplete="username"
          value={email}
          change={setEmail}
          fault={missing === "email" ? s.emailMissing : saving.faultOf("/email")}
          required
          code
          first
        />
        <Entry
          label={s.name}
          autocomplete="name"
          value={name}
          change={setName}
          hint={s.nameHint}
          fault={saving.faultOf("/name")}
        />
        <PasswordField
          label={s.password}
          autocomplete="new-password"
          input={passwordInput}
          value={password}
          change={setPassword}
          hint={reset.rules}
          fault={missing === "password" ? s.passwordMissing : saving.faultOf("/password")}
        />
        <h2>{s.place}</h2>
        <p class="hint">{s.placeHint}</p>
        <Entry
          label={s.key}
          value={key}
          change={setKey}
          hint={s.keyHint}
          fault={saving.faultOf("/workspace/key")}
          code
        />
        <Entry
          label={s.placeName}
          value={placeName}
          change={setPlaceName}
          fault={saving.faultOf("/workspace/name")}
        />
        <ZoneSelect
          label={s.zone}
          value={timezone}
          change={setZone}
          hint={s.zoneHint}
          fault={saving.faultOf("/workspace/timezone")}
        />
        <Send saving={saving} fields={fields} look="button primary block">
          {saving.busy ? s.busy : s.submit}
        </Send>
      </form>
    </div>
  );
}

// One's own password.
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { call, Problem } from "../../api";
import { Send } from "../../components/entry";
import { PasswordField } from "../../components/password-field";
import { PageHead } from "../../components/page-head";
import { usePage } from "../../page";
import { useSaving } from "../../saving";
import { s } from "../../strings/me";
import { s as reset } from "../../strings/reset";
import { toast } from "../../toast";

export function PasswordPage(): JSX.Element {
  const heading = usePage(s.sections.password[0], "me password");
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [missing, setMissing] = useState<"current" | "next" | null>(null);
  const currentInput = useRef<HTMLInputElement>(null);
  const nextInput = useRef<HTMLInputElement>(null);
  const saving = useSaving();

  const faults = {
    current: missing === "current" ? s.currentMissing : saving.faultOf("/current"),
    next: missing === "next" ? s.nextMissing : saving.faultOf("/new"),
  };
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const empty = current === "" ? "current" : next === "" ? "next" : null;
    setMissing(empty);
    if (empty !== null) return (empty === "current" ? currentInput : nextInput).current?.focus();
    let wrongCurrent = false;
    const done = await saving.save(async () => {
      try {
        await call("POST", "/people/me/password", { body: { current, new: next } });
      } catch (error) {
        wrongCurrent = error instanceof Problem && error.faults.some(({ pointer }) => pointer === "/current");
        throw error;
      }
    });
    if (!done) return (wrongCurrent ? currentInput : nextInput).current?.select();
    setCurrent("");
    setNext("");
    toast(s.done);
  };
  return (
    <>
      <PageHead at={heading} title={s.sections.password[0]} lead={s.passwordLead} />
      <form class="card fields narrow" method="post" noValidate onSubmit={(event) => void submit(event)}>
        <PasswordField
          id="current-password"
          label={s.current}
          autocomplete="current-password"
          input={currentInput}
          value={current}
          change={setCurrent}
          invalid={faults.current !== undefined}
          describedBy={[faults.current !== undefined && "current-fault"]}
        />
        {faults.current !== undefined && (
          <p class="fault-box" id="current-fault" role="alert">
            {faults.current}
          </p>
        )}
        <PasswordField
          id="new-password"
          label={s.next}
          autocomplete="new-password"
          input={nextInput}
          value={next}
          change={setNext}
          invalid={faults.next !== undefined}
          describedBy={["new-rules", faults.next !== undefined && "new-fault"]}
        />
        {faults.next !== undefined && (
          <p class="fault-box" id="new-fault" role="alert">
            {faults.next}
          </p>
        )}
        <p class="hint" id="new-rules">
          {reset.rules}
        </p>
        <Send saving={saving} fields={["/current", "/new"]}>
          {saving.busy ? s.changing : s.change}
        </Send>
      </form>
    </>
  );
}

// One's own password.
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { call, Problem } from "../../api";
import { Send } from "../../components/entry";
import { PasswordField } from "../../components/password-field";
import { useSaving } from "../../saving";
import { s } from "../../strings/me";
import { s as reset } from "../../strings/reset";
import { toast } from "../../toast";
import { SectionHead } from "../workshop/sectioned";

export function PasswordPage(): JSX.Element {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [missing, setMissing] = useState<"current" | "next" | null>(null);
  const currentInput = useRef<HTMLInputElement>(null);
  const nextInput = useRef<HTMLInputElement>(null);
  const saving = useSaving();

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
      <SectionHead of={s.sections.password} />
      <form class="card stack narrow" method="post" noValidate onSubmit={(event) => void submit(event)}>
        <PasswordField
          id="current-password"
          label={s.current}
          autocomplete="current-password"
          input={currentInput}
          value={current}
          change={setCurrent}
          fault={missing === "current" ? s.currentMissing : saving.faultOf("/current")}
        />
        <PasswordField
          id="new-password"
          label={s.next}
          autocomplete="new-password"
          input={nextInput}
          value={next}
          change={setNext}
          hint={reset.rules}
          fault={missing === "next" ? s.nextMissing : saving.faultOf("/new")}
        />
        <Send saving={saving} fields={["/current", "/new"]}>
          {saving.busy ? s.changing : s.change}
        </Send>
      </form>
    </>
  );
}

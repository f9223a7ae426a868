// One of several values, with a search: a person, a workspace, a status. A button shows what is chosen.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { findPeople } from "../people";
import { s } from "../strings/shared";
import { matches, Choices, type Choice } from "./choices";
import { Popover } from "./popover";

interface ListProps {
  /** What is picked: "Assignee". */
  label: string;
  placeholder?: string;
  choices: readonly Choice[];
  choose: (id: string) => void;
  /** Asks for the choices as one types, where they are too many to be all at hand. */
  find?: (text: string, signal: AbortSignal) => Promise<Choice[]>;
}

interface PickerProps extends ListProps {
  /** What the button shows. */
  button: ComponentChildren;
  look?: string;
}

/** The values themselves, without a button. */
export function ChoiceList({ choices, choose, find, ...props }: ListProps): JSX.Element {
  const [text, setText] = useState("");
  const [found, setFound] = useState<{ text: string; choices: readonly Choice[] } | null>(null);
  useEffect(() => {
    if (!find) return;
    const stop = new AbortController();
    const timer = setTimeout(
      () => {
        find(text, stop.signal).then(
          (choices) => setFound({ text, choices }),
          () => stop.signal.aborted || setFound({ text, choices: [] }),
        );
      },
      text === "" ? 0 : 150,
    );
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  // Until the answer to what is typed has come, Enter must not choose one that does not fit.
  const fits = ({ name, id }: Choice): boolean =>
    text
      .toLowerCase()
      .split(/\s+/)
      .every((word) => `${name} ${id}`.toLowerCase().includes(word));
  const shown = find
    ? found?.text === text
      ? found.choices
      : (found?.choices ?? choices).filter(fits)
    : choices.filter((one) => matches(`${one.name} ${one.id}`, text));
  return (
    <Choices
      {...props}
      text={text}
      type={setText}
      choices={shown}
      choose={({ id }) => choose(id)}
      note={find && found === null ? s.loading : s.nothingFound}
    />
  );
}

export function Picker({ button, look = "button quiet", choose, ...props }: PickerProps): JSX.Element {
  return (
    <Popover button={button} look={look} kind="dialog" title={props.label} panel="picker">
      {(close) => (
        <ChoiceList
          {...props}
          choose={(id) => {
            close();
            choose(id);
          }}
        />
      )}
    </Popover>
  );
}

interface People {
  /** Whose people can be chosen. */
  workspace: string;
  chosen: string | null;
}

type Of<Props> = People & Omit<Props, "choices" | "find">;

/** The people of a workspace, as choices; their ids are the addresses. */
const finder =
  ({ workspace, chosen }: People) =>
  async (text: string, signal: AbortSignal): Promise<Choice[]> =>
    (await findPeople(workspace, text, signal)).map(({ email, name }) => ({
      id: email,
      name: name || email,
      chosen: email === chosen,
      ...(name && { hint: email }),
    }));

export function PersonChoices({ workspace, chosen, ...props }: Of<ListProps>): JSX.Element {
  return <ChoiceList {...props} choices={[]} find={finder({ workspace, chosen })} />;
}

export function PersonPicker({ workspace, chosen, ...props }: Of<PickerProps>): JSX.Element {
  return <Picker {...props} choices={[]} find={finder({ workspace, chosen })} />;
}

// A series of stand-ups, made or changed.
import type { JSX } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import {
  changeMeeting,
  createMeeting,
  reasons,
  weekdays,
  type Meeting,
  type Weekday,
} from "../../api/meetings";
import { Dialog } from "../../components/dialog";
import { Entry, Select } from "../../components/entry";
import { Icon } from "../../components/icon";
import { Person } from "../../components/person";
import { PersonPicker } from "../../components/picker";
import { nameOf } from "../../people";
import { useSaving } from "../../saving";
import { loadScopes, type ScopeNode } from "../../scope";
import { s } from "../../strings/meetings";
import { s as record } from "../../strings/record";
import { Foot } from "../record/foot";
import { GroupChoice } from "./group-choice";

interface MeetingFormProps {
  meeting: Meeting | null;
  /** What a new one is about, unless something else is chosen. */
  scope: string;
  close: () => void;
  saved: (meeting: Meeting) => void;
}

type Order = (typeof reasons)[number][];

function OrderField({ order, change }: { order: Order; change: (order: Order) => void }): JSX.Element {
  const swap = (at: number, by: number): void => {
    const next = [...order];
    next.splice(at + by, 0, ...next.splice(at, 1));
    change(next);
  };
  const move = (at: number, by: number, name: string): JSX.Element | false =>
    at >= 0 &&
    order[at + by] !== undefined && (
      <button type="button" class="button tiny" aria-label={name} title={name} onClick={() => swap(at, by)}>
        <Icon name={by < 0 ? "up" : "down"} />
      </button>
    );
  return (
    <fieldset class="order-field">
      <legend>{s.form.order}</legend>
      <ol>
        {[...new Set([...order, ...reasons])].map((reason) => {
          const at = order.indexOf(reason);
          const name = s.reasonNames[reason];
          return (
            <li key={reason}>
              <label class="switch">
                <input type="checkbox" checked={at >= 0} onChange={() => change(toggled(order, reason))} />
                {name}
              </label>
              {move(at, -1, s.form.up(name))}
              {move(at, 1, s.form.down(name))}
            </li>
          );
        })}
      </ol>
    </fieldset>
  );
}

/** Without it, or with it at the end. */
const toggled = <T,>(all: readonly T[], one: T): T[] =>
  all.includes(one) ? all.filter((other) => other !== one) : [...all, one];

export function MeetingForm({ meeting, scope, close, saved }: MeetingFormProps): JSX.Element {
  const id = useId();
  const [nodes, setNodes] = useState<ScopeNode[]>([]);
  const [name, setName] = useState(meeting?.name ?? "");
  const [domain, setDomain] = useState(meeting?.domain ?? "");
  const [workspaces, setWorkspaces] = useState<string[]>(meeting?.workspaces ?? []);
  const [everyWeeks, setEveryWeeks] = useState(meeting?.everyWeeks ?? 1);
  const [weekday, setWeekday] = useState(meeting ? (meeting.weekday ?? "") : "Friday");
  const [minutes, setMinutes] = useState(String(meeting?.minutes ?? 15));
  const [people, setPeople] = useState<string[]>(meeting?.people ?? []);
  const [order, setOrder] = useState<Order>(meeting?.walk ?? [...reasons]);
  const [groupBy, setGroupBy] = useState(meeting?.groupBy ?? "none");
  const saving = useSaving();
  const domains = nodes.filter(({ kind }) => kind === "domain");
  useEffect(() => {
    loadScopes().then(
      (all) => {
        setNodes(all);
        if (meeting !== null) return;
        const known = all.filter(({ kind }) => kind === "domain");
        setDomain((known.filter(({ key }) => `${scope}-`.startsWith(`${key}-`)).at(-1) ?? known[0])?.key ?? "");
        setWorkspaces(all.filter(({ key, kind }) => kind === "workspace" && key === scope).map(({ key }) => key));
      },
      () => {},
    );
  }, []);
  const rhythms = [...new Set([1, 2, 3, 4, 6, 8, 13, everyWeeks])].filter((n) => n > 0).sort((a, b) => a - b);
  const inside = nodes.filter(({ key, kind }) => kind === "workspace" && key.startsWith(`${domain}-`));
  const send = async (): Promise<void> => {
    const body = {
      name,
      workspaces,
      everyWeeks,
      weekday: (weekday || null) as Weekday | null,
      minutes: Number(minutes),
      people,
      walk: order,
      groupBy,
    };
    saved(
      meeting === null
        ? await createMeeting({ ...body, domain })
        : await changeMeeting(meeting.id, body, meeting.version),
    );
  };

  return (
    <Dialog heading={meeting?.name ?? s.create} close={close} look="wide">
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void saving.save(send);
        }}
      >
        <Entry label={s.form.name} required value={name} change={setName} />
        {meeting === null && (
          <Select
            label={s.form.domain}
            value={domain}
            change={(key) => {
              setDomain(key);
              setWorkspaces([]);
            }}
            options={domains.map(({ key }) => [key, key])}
          />
        )}
        <fieldset class="checks">
          <legend>{s.form.workspaces}</legend>
          {inside.map(({ key, name: called }) => (
            <label key={key} class="switch">
              <input
                type="checkbox"
                checked={workspaces.includes(key)}
                onChange={() => setWorkspaces(toggled(workspaces, key))}
              />
              <span>
                {called} <code>{key}</code>
              </span>
            </label>
          ))}
          <p class="hint">{s.form.workspacesHint}</p>
        </fieldset>
        <Select
          label={s.form.rhythm}
          value={String(everyWeeks)}
          change={(weeks) => setEveryWeeks(Number(weeks))}
          options={[...rhythms, 0].map((weeks) => [String(weeks), s.everyWeeks(weeks)])}
        />
        <Select
          label={s.form.weekday}
          value={weekday}
          change={setWeekday}
          options={[...weekdays.map((one) => [one, s.weekdays[one]] as const), ["", s.form.anyDay]]}
        />
        <div class="field">
          <label for={id}>{s.form.minutes}</label>
          <input
            id={id}
            type="number"
            min={1}
            max={240}
            required
            value={minutes}
            onInput={(event) => setMinutes(event.currentTarget.value)}
          />
        </div>
        <fieldset class="line">
          <legend>{s.form.people}</legend>
          {people.map((email) => (
            <button
              key={email}
              type="button"
              class="chip"
              title={record.remove(nameOf(email))}
              onClick={() => setPeople(toggled(people, email))}
            >
              <Person email={email} />
              <Icon name="close" />
            </button>
          ))}
          {inside[0] !== undefined && (
            <PersonPicker
              label={s.form.addPerson}
              button={
                <>
                  <Icon name="plus" />
                  {s.form.addPerson}
                </>
              }
              workspace={workspaces[0] ?? inside[0].key}
              chosen={null}
              choose={(email) => setPeople([...new Set([...people, email])])}
            />
          )}
        </fieldset>
        <OrderField order={order} change={setOrder} />
        <GroupChoice chosen={groupBy} choose={setGroupBy} />
        <Foot saving={saving} name={record.save} cancel={close} />
      </form>
    </Dialog>
  );
}

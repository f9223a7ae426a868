// A series of stand-ups, made or changed.
import type { JSX } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { Problem, type Fault } from "../../api";
import {
  changeMeeting,
  createMeeting,
  groups,
  reasons,
  weekdays,
  type Meeting,
  type MeetingRequest,
  type Weekday,
} from "../../api/meetings";
import { Dialog } from "../../components/dialog";
import { failureWords } from "../../components/failure";
import { Icon } from "../../components/icon";
import { Person } from "../../components/person";
import { PersonPicker } from "../../components/picker";
import { nameOf } from "../../people";
import { loadScopes, type ScopeNode } from "../../scope";
import { s } from "../../strings/meetings";
import { s as shared } from "../../strings/shared";

interface MeetingFormProps {
  meeting: Meeting | null;
  /** What a new one is about, unless something else is chosen. */
  scope: string;
  close: () => void;
  saved: (meeting: Meeting) => void;
}

type Order = (typeof reasons)[number][];

function OrderField({ order, change }: { order: Order; change: (order: Order) => void }): JSX.Element {
  const all = [...order, ...reasons.filter((reason) => !order.includes(reason))];
  const swap = (at: number, by: number): void => {
    const next = [...order];
    const [one] = next.splice(at, 1);
    if (one !== undefined) next.splice(at + by, 0, one);
    change(next);
  };
  return (
    <fieldset class="order-field">
      <legend>{s.form.order}</legend>
      <p class="hint">{s.form.orderHint}</p>
      <ol>
        {all.map((reason) => {
          const at = order.indexOf(reason);
          return (
            <li key={reason}>
              <label class="switch">
                <input
                  type="checkbox"
                  checked={at >= 0}
                  onChange={() => change(at >= 0 ? order.filter((one) => one !== reason) : [...order, reason])}
                />
                {s.reasonNames[reason]}
              </label>
              {at > 0 && (
                <button
                  type="button"
                  class="button tiny order-up"
                  aria-label={s.form.up(s.reasonNames[reason])}
                  title={s.form.up(s.reasonNames[reason])}
                  onClick={() => swap(at, -1)}
                >
                  <Icon name="down" />
                </button>
              )}
              {at >= 0 && at < order.length - 1 && (
                <button
                  type="button"
                  class="button tiny"
                  aria-label={s.form.down(s.reasonNames[reason])}
                  title={s.form.down(s.reasonNames[reason])}
                  onClick={() => swap(at, 1)}
                >
                  <Icon name="down" />
                </button>
              )}
            </li>
          );
        })}
      </ol>
    </fieldset>
  );
}

export function MeetingForm({ meeting, scope, close, saved }: MeetingFormProps): JSX.Element {
  const id = useId();
  const [nodes, setNodes] = useState<ScopeNode[]>([]);
  const [name, setName] = useState(meeting?.name ?? "");
  const [domain, setDomain] = useState(meeting?.domain ?? "");
  const [workspaces, setWorkspaces] = useState<string[]>(meeting?.workspaces ?? []);
  const [everyWeeks, setEveryWeeks] = useState(meeting?.everyWeeks ?? 1);
  const [weekday, setWeekday] = useState<Weekday | "">(meeting ? (meeting.weekday ?? "") : "Friday");
  const [minutes, setMinutes] = useState(String(meeting?.minutes ?? 15));
  const [people, setPeople] = useState<string[]>(meeting?.people ?? []);
  const [order, setOrder] = useState<Order>(meeting?.walk ?? [...reasons]);
  const [groupBy, setGroupBy] = useState(meeting?.groupBy ?? "none");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<{ text: string; faults: readonly Fault[] } | null>(null);
  useEffect(() => {
    loadScopes().then(
      (all) => {
        setNodes(all);
        if (meeting !== null) return;
        const at = all.find(({ key }) => key === scope);
        const above = all.filter((one) => one.kind === "domain" && scope.startsWith(`${one.key}-`)).at(-1);
        setDomain(at?.kind === "domain" ? scope : (above?.key ?? all.find((one) => one.kind === "domain")?.key ?? ""));
        if (at?.kind === "workspace") setWorkspaces([scope]);
      },
      () => {},
    );
  }, []);
  const rhythms = [...new Set([1, 2, 3, 4, 6, 8, 13, everyWeeks])].filter((n) => n > 0).sort((a, b) => a - b);
  const inside = nodes.filter(({ key, kind }) => kind === "workspace" && key.startsWith(`${domain}-`));
  const faultOf = (member: string): Fault | undefined =>
    problem?.faults.find(({ pointer }) => pointer.split("/")[1] === member);
  const said = (member: string): JSX.Element | null => {
    const fault = faultOf(member);
    return fault === undefined ? null : <p class="fault-text">{fault.detail}</p>;
  };

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const body: MeetingRequest = {
      name,
      workspaces,
      everyWeeks,
      weekday: weekday === "" ? null : weekday,
      minutes: Number(minutes),
      people,
      walk: order,
      groupBy,
    };
    try {
      saved(
        meeting === null
          ? await createMeeting({ ...body, domain })
          : await changeMeeting(meeting.id, body, meeting.version),
      );
    } catch (error) {
      const problem = error instanceof Problem ? error : null;
      setProblem({
        text: problem?.status === 412 ? s.form.gone : failureWords(error)[1],
        faults: problem?.faults ?? [],
      });
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog heading={meeting === null ? s.form.make : s.form.change} close={close} look="wide">
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <div class="field">
          <label for={`${id}-name`}>{s.form.name}</label>
          <input
            id={`${id}-name`}
            maxLength={255}
            required
            autocomplete="off"
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          {said("name")}
        </div>
        {meeting === null && (
          <div class="field">
            <label for={`${id}-domain`}>{s.form.domain}</label>
            <select
              id={`${id}-domain`}
              value={domain}
              onChange={(event) => {
                setDomain(event.currentTarget.value);
                setWorkspaces([]);
              }}
            >
              {nodes
                .filter(({ kind }) => kind === "domain")
                .map(({ key }) => (
                  <option key={key}>{key}</option>
                ))}
            </select>
            {said("domain")}
          </div>
        )}
        <fieldset class="checks">
          <legend>{s.form.workspaces}</legend>
          {inside.map(({ key, name: called }) => (
            <label key={key} class="switch">
              <input
                type="checkbox"
                checked={workspaces.includes(key)}
                onChange={() =>
                  setWorkspaces((now) => (now.includes(key) ? now.filter((one) => one !== key) : [...now, key]))
                }
              />
              <span>
                {called} <code>{key}</code>
              </span>
            </label>
          ))}
          <p class="hint">{s.form.workspacesHint}</p>
          {said("workspaces")}
        </fieldset>
        <div class="field-row">
          <div class="field">
            <label for={`${id}-weeks`}>{s.form.rhythm}</label>
            <select
              id={`${id}-weeks`}
              value={everyWeeks}
              onChange={(event) => setEveryWeeks(Number(event.currentTarget.value))}
            >
              {rhythms.map((weeks) => (
                <option key={weeks} value={weeks}>
                  {s.everyWeeks(weeks)}
                </option>
              ))}
              <option value={0}>{s.noRhythm}</option>
            </select>
          </div>
          <div class="field">
            <label for={`${id}-day`}>{s.form.weekday}</label>
            <select
              id={`${id}-day`}
              value={weekday}
              onChange={(event) => setWeekday(event.currentTarget.value as Weekday | "")}
            >
              {weekdays.map((one) => (
                <option key={one} value={one}>
                  {s.weekdays[one]}
                </option>
              ))}
              <option value="">{s.form.anyDay}</option>
            </select>
          </div>
          <div class="field">
            <label for={`${id}-minutes`}>{s.form.minutes}</label>
            <input
              id={`${id}-minutes`}
              type="number"
              min={1}
              max={240}
              required
              value={minutes}
              onInput={(event) => setMinutes(event.currentTarget.value)}
            />
            {said("minutes")}
          </div>
        </div>
        <fieldset class="line">
          <legend>{s.form.people}</legend>
          {people.map((email) => (
            <button
              key={email}
              type="button"
              class="chip"
              title={s.form.remove(nameOf(email))}
              onClick={() => setPeople((now) => now.filter((one) => one !== email))}
            >
              <Person email={email} />
              <Icon name="close" />
              <span class="unseen">{shared.close}</span>
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
              choose={(email) => setPeople((now) => (now.includes(email) ? now : [...now, email]))}
            />
          )}
          {said("people")}
        </fieldset>
        <OrderField order={order} change={setOrder} />
        <fieldset class="checks">
          <legend>{s.form.groupBy}</legend>
          <div class="line">
            {groups.map((by) => (
              <label key={by} class="pill">
                <input type="radio" name={`${id}-group`} checked={by === groupBy} onChange={() => setGroupBy(by)} />
                <span>{s.groups[by]}</span>
              </label>
            ))}
          </div>
        </fieldset>
        {problem !== null && (
          <p class="fault-text" role="alert">
            {problem.text}
          </p>
        )}
        <div class="line">
          <button type="submit" class="button primary" aria-disabled={busy}>
            {s.form.save}
          </button>
          <button type="button" class="button quiet" onClick={close}>
            {shared.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

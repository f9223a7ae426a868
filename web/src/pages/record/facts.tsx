// What is known about a record beside its texts, and who follows it.
import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import type { Task } from "../../api";
import { Extra } from "../../components/extra";
import { Fact, Facts } from "../../components/facts";
import { wordsOf } from "../../components/failure";
import { Icon } from "../../components/icon";
import { Person } from "../../components/person";
import { PersonPicker } from "../../components/picker";
import { RiskMatrix } from "../../components/risk-matrix";
import { Moment } from "../../components/when";
import { nameOf } from "../../people";
import { patchRecord } from "../../records";
import { href } from "../../router";
import { memberName } from "../../strings/members";
import { s } from "../../strings/record";
import { s as shared } from "../../strings/shared";
import { toast } from "../../toast";
import { OnRecord } from "./context";
import { FactField } from "./field-view";
import { Due } from "./value";

function FollowUp(): JSX.Element {
  const { task } = useContext(OnRecord);
  return (
    <Facts heading={s.followUp}>
      <FactField name="status" />
      <FactField name="priority" />
      <FactField name="assignee" />
      <FactField name="dueDate">
        <Due task={task} />
      </FactField>
      <FactField name="reminderDate" />
      {task.closedAt !== null && (
        <Fact label={memberName("closedAt")}>
          <Moment at={task.closedAt} />
          {task.closedBy !== null && (
            <>
              , <Person email={task.closedBy} />
            </>
          )}
        </Fact>
      )}
    </Facts>
  );
}

function Impact(): JSX.Element | null {
  const { task } = useContext(OnRecord);
  const rated = Boolean(task.financialImpact || task.impact || task.likelihood);
  if (task.todoType !== "INCIDENT" && !rated) return null;
  return (
    <div class="stack">
      <Facts heading={s.impact}>
        <FactField name="financialImpact" tall />
        <FactField name="impact" />
        <FactField name="likelihood" />
      </Facts>
      {task.impact && task.likelihood && <RiskMatrix impact={task.impact} likelihood={task.likelihood} />}
    </div>
  );
}

function Classification(): JSX.Element {
  return (
    <Facts heading={s.classification}>
      <FactField name="tags" tall />
      <FactField name="category" />
      <FactField name="subCategory" />
      <FactField name="orderID" />
      <FactField name="LRN" />
    </Facts>
  );
}

function Origin(): JSX.Element {
  const { task } = useContext(OnRecord);
  return (
    <Facts heading={s.origin}>
      <FactField name="workspace">
        <a href={href(["todo"], { in: task.workspace })}>{task.workspace}</a>
      </FactField>
      <FactField name="todoType" />
      <FactField name="parent" />
      <FactField name="reporter" />
      <Fact label={memberName("source")}>
        <Person email={task.source} />
      </Fact>
      <FactField name="occurredAt" />
      <Fact label={memberName("createdAt")}>
        <Moment at={task.createdAt} />
      </Fact>
      <Fact label={memberName("updatedAt")}>
        <Moment at={task.updatedAt} />
      </Fact>
      <Fact label={memberName("form")}>{s.form(task.form, task.formVersion)}</Fact>
      <Fact label={memberName("version")}>{String(task.version)}</Fact>
    </Facts>
  );
}

function Followers(): JSX.Element | null {
  const { task, may } = useContext(OnRecord);
  /** Somebody who is added or removed clashes with nobody else: then it is done to the list as it is now. */
  const change = async (email: string, on: boolean): Promise<void> => {
    try {
      for (let now: Task | null = task; now !== null; ) {
        const others: string[] = now.followers.filter((one) => one !== email);
        const followers = on ? [...others, email] : others;
        const outcome = await patchRecord(task.key, { followers }, undefined, now.version);
        now = outcome.state === "done" ? null : outcome.conflict.current;
      }
    } catch (error) {
      toast(wordsOf(error));
    }
  };
  if (!may.write && task.followers.length === 0) return null;
  return (
    <section class="facts">
      <div class="line between">
        <h2>{s.followers.heading}</h2>
        {may.write && (
          <PersonPicker
            label={s.followers.add}
            button={s.followers.add}
            look="button quiet small"
            workspace={task.workspace}
            chosen={null}
            choose={(email) => void change(email, true)}
          />
        )}
      </div>
      {task.followers.length === 0 ? (
        <p class="hint">{shared.none}</p>
      ) : (
        <ul class="stack">
          {task.followers.map((email) => (
            <li key={email} class="between">
              <Person email={email} avatar />
              {may.write && (
                <button
                  type="button"
                  class="button tiny"
                  aria-label={s.remove(nameOf(email))}
                  title={s.remove(nameOf(email))}
                  onClick={() => void change(email, false)}
                >
                  <Icon name="close" />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What the form adds, and what else the report said. */
export function ExtraFields(): JSX.Element | null {
  const { task, fields } = useContext(OnRecord);
  const own = [...fields.values()].filter((field) => field.extra && (!field.hidden || field.name in task.extra));
  const others = Object.fromEntries(Object.entries(task.extra).filter(([name]) => !fields.get(name)?.extra));
  const more = Object.keys(others).length > 0;
  if (own.length === 0 && !more) return null;
  return (
    <section class="card">
      <h2>{s.extra}</h2>
      {own.length > 0 && (
        <dl class="extra">
          {own.map(({ name }) => (
            <FactField key={name} name={name} />
          ))}
        </dl>
      )}
      {more && (
        <>
          <p class="hint">{s.extraHint}</p>
          <Extra extra={others} />
        </>
      )}
    </section>
  );
}

export function Side({ children }: { children: JSX.Element | false }): JSX.Element {
  return (
    <div class="record-side">
      <FollowUp />
      <Impact />
      <Classification />
      {children}
      <Origin />
      <Followers />
    </div>
  );
}

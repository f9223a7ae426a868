// One record, whole, and its history. This is where the links of the API lead.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useActions } from "../actions";
import { announce } from "../announce";
import { Problem, readTask, type Task } from "../api";
import { LevelMark, OverdueMark, StatusBadge, TypeBadge } from "../components/badge";
import { copyAndSay, CopyButton } from "../components/copy-button";
import { Extra } from "../components/extra";
import { Fact, Facts } from "../components/facts";
import { Failure } from "../components/failure";
import { History } from "../components/history";
import { Icon } from "../components/icon";
import { Markdown } from "../components/markdown";
import { Person } from "../components/person";
import { RiskMatrix } from "../components/risk-matrix";
import { Tags } from "../components/tags";
import { Day, Moment } from "../components/when";
import { emptyFilter, listHref } from "../filter";
import { formatMoney } from "../format";
import type { PageProps } from "../lazy";
import { usePage } from "../page";
import { useResource } from "../resource";
import { correct, go, recordHref } from "../router";
import { scope } from "../scope";
import { s } from "../strings/record";
import { s as shared } from "../strings/shared";

function Words({ words }: { words: string[] }): JSX.Element | null {
  return words.length === 0 ? null : <span dir="auto">{words.join(", ")}</span>;
}

function FollowUp({ task }: { task: Task }): JSX.Element {
  return (
    <Facts heading={s.followUp}>
      <Fact label={s.labels.status!}>
        <StatusBadge status={task.status} />
      </Fact>
      <Fact label={s.labels.priority!}>{task.priority && <LevelMark level={task.priority} />}</Fact>
      <Fact label={s.labels.assignee!}>
        <Person email={task.assignee} />
      </Fact>
      <Fact label={s.labels.dueDate!}>
        {task.dueDate && (
          <>
            <Day date={task.dueDate} /> {task.overdue && <OverdueMark />}
          </>
        )}
      </Fact>
      <Fact label={s.labels.reminderDate!}>{task.reminderDate && <Day date={task.reminderDate} />}</Fact>
    </Facts>
  );
}

function Impact({ task }: { task: Task }): JSX.Element {
  return (
    <Facts heading={s.impact}>
      <Fact label={s.labels.financialImpact!} tall>
        {task.financialImpact && (
          <strong class="money">{formatMoney(task.financialImpact, task.financialImpactCurrency ?? "EUR")}</strong>
        )}
      </Fact>
      <Fact label={s.labels.impact!}>{task.impact && <LevelMark level={task.impact} />}</Fact>
      <Fact label={s.labels.likelihood!}>{task.likelihood && <LevelMark level={task.likelihood} />}</Fact>
    </Facts>
  );
}

function Classification({ task }: { task: Task }): JSX.Element {
  return (
    <Facts heading={s.classification}>
      <Fact label={s.labels.tags!} tall>
        {task.tags.length > 0 && <Tags tags={task.tags} />}
      </Fact>
      <Fact label={s.labels.category!}>{task.category.length > 0 && <Words words={task.category} />}</Fact>
      <Fact label={s.labels.subCategory!}>{task.subCategory.length > 0 && <Words words={task.subCategory} />}</Fact>
      <Fact label={s.labels.orderID!}>{task.orderID.length > 0 && <Words words={task.orderID} />}</Fact>
      <Fact label={s.labels.LRN!}>{task.LRN}</Fact>
    </Facts>
  );
}

function Origin({ task }: { task: Task }): JSX.Element {
  return (
    <Facts heading={s.origin}>
      <Fact label={s.labels.workspace!}>
        <a href={listHref({ ...emptyFilter, in: task.workspace })}>{task.workspace}</a>
      </Fact>
      <Fact label={s.labels.reporter!}>{task.reporter}</Fact>
      <Fact label={s.labels.source!}>{task.source}</Fact>
      <Fact label={s.labels.occurredAt!}>{task.occurredAt && <Moment at={task.occurredAt} />}</Fact>
      <Fact label={s.labels.createdAt!}>
        <Moment at={task.createdAt} />
      </Fact>
      <Fact label={s.labels.updatedAt!}>
        <Moment at={task.updatedAt} />
      </Fact>
      <Fact label={s.labels.form!}>{s.form(task.form, task.formVersion)}</Fact>
      <Fact label={s.labels.version!}>{String(task.version)}</Fact>
    </Facts>
  );
}

function Record({ task }: { task: Task }): JSX.Element {
  const incident = task.todoType === "INCIDENT";
  const risk = task.impact && task.likelihood;
  const rated = Boolean(task.financialImpact || task.impact || task.likelihood);
  return (
    <div class="record">
      <div class="record-main">
        <section class="card">
          <h2>{s.description}</h2>
          <Markdown text={task.description} />
        </section>
        {(!incident || task.result) && (
          <section class="card">
            <h2>{s.result}</h2>
            {task.result ? <Markdown text={task.result} /> : <p class="hint">{s.noResult}</p>}
          </section>
        )}
        {Object.keys(task.extra).length > 0 && (
          <section class="card">
            <h2>{s.extra}</h2>
            <p class="hint">{s.extraHint}</p>
            <Extra extra={task.extra} />
          </section>
        )}
        <section class="card record-history">
          <h2>{s.history}</h2>
          <History taskKey={task.key} type={task.todoType} />
        </section>
      </div>
      <div class="record-side">
        <FollowUp task={task} />
        {(incident || rated) && (
          <div class="impact">
            <Impact task={task} />
            {risk && <RiskMatrix impact={task.impact!} likelihood={task.likelihood!} />}
          </div>
        )}
        <Classification task={task} />
        <Origin task={task} />
      </div>
    </div>
  );
}

function back(): string {
  return listHref({ ...emptyFilter, in: scope.get() });
}

export function RecordPage({ rest, account }: PageProps): JSX.Element {
  const [taskKey = ""] = rest;
  const [resource, reload] = useResource(taskKey, () => readTask(taskKey));
  const task = resource.state === "ready" ? resource.value : null;
  const shownKey = (task?.key ?? taskKey).toUpperCase();
  const missing =
    resource.state === "failed" && resource.error instanceof Problem && [400, 404].includes(resource.error.status);
  const heading = usePage(missing ? s.notFoundPage : s.page(shownKey, task?.title ?? ""), `record ${taskKey}`);

  useActions(s.keys, [
    { does: s.toList, keys: ["u"], act: () => go(back()) },
    ...(task ? [{ does: s.copyLink, keys: ["c"], act: () => void copyAndSay(task.taskLink) }] : []),
  ]);

  useEffect(() => {
    if (task) {
      announce(s.loaded(task.key, task.title));
      // Any spelling of a key leads here; the address then shows the one that is written.
      if (task.key !== taskKey) correct(recordHref(task.key));
    } else if (missing) {
      announce(s.notFound(shownKey));
    }
  }, [resource]);

  return (
    <div class="page record-page">
      <nav class="crumbs" aria-label={s.crumbs}>
        <a href={back()}>
          <Icon name="back" />
          {s.back}
        </a>
      </nav>
      <div class="page-head record-head">
        {!missing && (
          <p class="record-key">
            <code>{shownKey}</code>
            {task && (
              <CopyButton text={task.taskLink} icon="link">
                {s.copyLink}
              </CopyButton>
            )}
          </p>
        )}
        <h1 ref={heading} tabIndex={-1} dir="auto">
          {missing ? s.notFound(shownKey) : task ? task.title : resource.state === "failed" ? shownKey : shared.loading}
        </h1>
        {task && (
          <p class="badges">
            <TypeBadge type={task.todoType} />
            <StatusBadge status={task.status} />
            {task.overdue && <OverdueMark />}
          </p>
        )}
      </div>
      {task && <Record task={task} />}
      {missing && (
        <section class="notice">
          <p>{s.notFoundHint}</p>
          <p class="hint">{s.notFoundSignedIn(account.email)}</p>
          <a class="button primary" href={back()}>
            {s.toList}
          </a>
        </section>
      )}
      {resource.state === "failed" && !missing && <Failure error={resource.error} retry={reload} />}
    </div>
  );
}

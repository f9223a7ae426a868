/*
 * What is in doc/monitoring works: promtool accepts the page that a server gives, the rules and their cases; rules and
 * dashboard name metrics that there are, with labels and values that there are; and doc/monitoring.md lists them all.
 */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { metricsOf, table } from '../lib/metrics.mjs';
import { makeFolder, root, run, until } from '../lib/program.mjs';
import { small, startServer } from '../lib/server.mjs';

const folder = path.join(root, 'doc/monitoring');
const read = (name) => readFileSync(path.join(folder, name), 'utf8');

async function promtool(args, options) {
  const { code, stdout, stderr } = await run('promtool', args, options);
  return { code, text: stdout + stderr };
}

let server;
let page;
before(async () => {
  server = await startServer();
  await server.addTask(small());
  page = await until(async () => {
    const now = await metricsOf(server);
    return now.value('bzctrl_follower_lag_events') !== undefined && now;
  }, 'a first look at the store');
});
after(() => server.stop());

test('promtool has nothing to say against the page of a server', async () => {
  assert.deepEqual(await promtool(['check', 'metrics'], { input: page.text }), { code: 0, text: '' });
  const input = page.text.replaceAll('bzctrl_reports_total', 'bzctrl_reports');
  const bad = await promtool(['check', 'metrics'], { input });
  assert.notEqual(bad.code, 0, 'and can have');
});

test('the rules are valid, and each fires and is quiet as its cases say', async () => {
  const checked = await promtool(['check', 'rules', path.join(folder, 'alerts.yaml')]);
  assert.equal(checked.code, 0, checked.text);
  const tested = await promtool(['test', 'rules', path.join(folder, 'alerts.test.yaml')]);
  assert.equal(tested.code, 0, tested.text);
  const alerts = [...read('alerts.yaml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  assert.ok(alerts.length >= 20);
  for (const name of alerts) for (const what of ['fires', 'is quiet'])
    assert.ok(read('alerts.test.yaml').includes(`- name: ${name} ${what}`), `${name} ${what}`);
});

test('each case fails when its alert does not fire', async () => {
  const copy = makeFolder();
  cpSync(folder, copy, { recursive: true });
  const alerts = [...read('alerts.yaml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  writeFileSync(path.join(copy, 'alerts.yaml'),
    read('alerts.yaml').replace(/^ {8}expr: (?:>-\n(?: {10}.*\n)+|.*\n)/gm, '        expr: vector(1) > 2\n'));
  const { code, text } = await promtool(['test', 'rules', path.join(copy, 'alerts.test.yaml')]);
  assert.notEqual(code, 0);
  for (const name of alerts) assert.match(text, new RegExp(`alertname: ${name},`), name);
});

/* Every use of a metric in an expression: {name, labels: [[label, operator, value]]}. */
function uses(expression) {
  return [...expression.matchAll(/\b((?:bzctrl|process)_\w+)(?:\{([^}]*)\})?/g)].map(([, name, labels = '']) =>
    ({ name, labels: [...labels.matchAll(/(\w+)\s*(=~|!~|=|!=)\s*"([^"]*)"/g)].map(([, ...parts]) => parts) }));
}

/* Its series on the page; Prometheus itself adds job and instance. */
function seriesOf({ name, labels }) {
  return [...page.families.values()].flatMap(({ series }) => series).filter((one) => one.series === name &&
    labels.every(([label, operator, value]) => {
      if (['job', 'instance'].includes(label)) return true;
      const is = operator.endsWith('~') ? new RegExp(`^(?:${value})$`).test(one.labels[label])
        : one.labels[label] === value;
      return label in one.labels && (operator.startsWith('!') ? !is : is);
    }));
}

test('every metric, label and value that rules and dashboard ask for is on the page', () => {
  const rules = [...read('alerts.yaml').matchAll(/^ {8}expr: (>-\n(?: {10}.*\n)+|.*\n)/gm)].map(([, text]) => text);
  const dashboard = JSON.parse(read('dashboard.json'));
  const targets = dashboard.panels.flatMap(({ targets = [] }) => targets).map(({ expr }) => expr);
  assert.ok(targets.length > 30);
  const used = [...rules, ...targets].flatMap(uses);
  for (const use of used) assert.ok(seriesOf(use).length > 0, `${use.name} ${JSON.stringify(use.labels)}`);
  const names = new Set(used.map(({ name }) => name.replace(/_(bucket|sum|count)$/, '')));
  for (const { name } of table) assert.ok(names.has(name), `neither a rule nor the dashboard uses ${name}`);
  assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
});

test('promtool understands every expression of the dashboard', async () => {
  const { panels } = JSON.parse(read('dashboard.json'));
  const rules = panels.flatMap(({ targets = [] }) => targets).map(({ expr }, i) => ({ record: `t:${i}`,
    expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*') }));
  const file = path.join(makeFolder(), 'dashboard.yaml');
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
  const { code, text } = await promtool(['check', 'rules', '--lint=none', file]);
  assert.equal(code, 0, text);
});

test('every status that the server gives has a label of its own', () => {
  const [reasons, labels] = ['src/http/response.c', 'src/base/metric_label.def'].map((file) =>
    readFileSync(path.join(root, file), 'utf8'));
  const statuses = [...reasons.matchAll(/\{(\d{3}), "/g)].map(([, status]) => status).sort();
  assert.ok(statuses.length > 30);
  assert.deepEqual([...labels.matchAll(/LABEL\(CODE, (\d{3}), "\1"\)/g)].map(([, code]) => code), statuses);
});

test('doc/monitoring.md lists every metric', () => {
  const text = readFileSync(path.join(root, 'doc/monitoring.md'), 'utf8');
  const listed = [...text.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  assert.deepEqual(listed, table.map(({ name }) => name));
});

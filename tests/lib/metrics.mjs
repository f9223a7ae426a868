/*
 * Reads GET /metrics: the Prometheus text format, as strictly as its description; and the tables that it is made of.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './program.mjs';

const read = (file) => readFileSync(path.join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');

/** Every metric of src/base/metric.def: {id, kind, name, unit, counted}. */
export const table = [...read('src/base/metric.def')
  .matchAll(/(COUNTED|SAMPLED)\((\w+), (\w+), "(\w+)", (\w+),/g)]
  .map(([, how, id, kind, name, unit]) => ({ id, kind: kind.toLowerCase(), name, unit, counted: how === 'COUNTED' }));

const SERIES = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (-?\d+(?:\.\d+)?)$/;
const LABEL = /(\w+)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/gy;

function labelsOf(text) {
  const labels = {};
  LABEL.lastIndex = 0;
  for (let at = 0; at < text.length; at = LABEL.lastIndex) {
    const found = LABEL.exec(text);
    assert.ok(found, `labels: ${text}`);
    labels[found[1]] = found[2].replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c));
  }
  return labels;
}

class Page {
  constructor(text) {
    this.text = text;
    this.families = new Map(); /* name → {type, help, series} */
    assert.ok(text.endsWith('\n'));
    let family;
    for (const line of text.slice(0, -1).split('\n')) {
      const [, kind, name, rest] = /^# (HELP|TYPE) (\w+) (.+)$/.exec(line) ?? [];
      if (kind === 'HELP') {
        assert.ok(!this.families.has(name), `${name} twice`);
        this.families.set(name, (family = { name, help: rest, series: [] }));
      } else if (kind === 'TYPE') {
        assert.equal(name, family.name);
        family.type = rest;
      } else {
        const [, series, labels, value] = SERIES.exec(line) ?? assert.fail(line);
        const part = family.type === 'histogram' && series.startsWith(`${family.name}_`);
        assert.ok(series === family.name || part, line);
        family.series.push({ series, labels: labelsOf(labels ?? ''), value: Number(value) });
      }
    }
  }

  /** The value of a series, by the labels that are given; undefined: there is none. Of several, their sum. */
  value(name, labels = {}) {
    const found = [...this.families.values()].flatMap(({ series }) => series).filter((one) => one.series === name &&
      Object.entries(labels).every(([label, value]) => one.labels[label] === value));
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
  }
}

/** The page of a server. */
export async function metricsOf(server) {
  const answer = await server.request('GET', '/metrics');
  assert.equal(answer.status, 200, answer.text);
  return new Page(answer.text);
}

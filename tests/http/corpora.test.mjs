/*
 * Requests that others collected (aws/http-desync-guardian), as this server judges them: whole, cut
 * at every byte, and pipelined. None carries a Host, so each is tried as it is, which is
 * refused, and with one. What must be refused all the same is listed here with the reason.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { corpora } from '../lib/program.mjs';
import { exchange } from '../lib/http.mjs';
import { startEcho } from './echo.mjs';

/* name → [status, reason]; everything else is accepted */
const refused = {
  'Different Transfer-Encoding headers': [400, 'no transfer coding but chunked'],
  'Different Transfer-Encoding headers combined': [400, 'no transfer coding but chunked'],
  'Transfer-Encoding with a param: chunked;custom_param': [400, 'no transfer coding but chunked'],
  'Empty URI': [400, 'a request line has a target (RFC 9112 section 3.2)'],
  'No TE/CL headers, some others are non-compliant': [400, 'blank before a colon'],
  'TE and some others are non-compliant': [400, 'blank before a colon'],
  'CL and some others are non-compliant': [400, 'blank before a colon'],
  'A non-essential header with a non-printable character (x01)': [400, 'control byte in a name'],
  'Non-RFC, but OK HTTP/0.9': [505, 'HTTP/0.9 has no framing at all'],
  'Empty version, which means HTTP/0.9': [400, 'a request line has a version (RFC 9112 section 3)'],
};

const next = (target) => Buffer.from(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
/* What follows a request that is accepted, and one that is not. The log comes later than the answers, so lines of
 * the case before can be among those of a case. */
const AFTER = next('/next');
const BEHIND = next('/smuggled');

function bytesOf(item, host) {
  const { method, uri, version, headers } = item;
  const fields = [...(host ? [{ name: 'Host', value: 'a' }] : []), ...(headers ?? [])];
  const value = (name) => fields.filter((field) => field.name.toLowerCase() === name).at(-1)?.value;
  const chunked = /chunked/.test(value('transfer-encoding') ?? '');
  const body = chunked ? '5\r\nhello\r\n0\r\n\r\n' : 'x'.repeat(Number(value('content-length') ?? 0));
  const lines = fields.map((field) => `${field.name}: ${field.value}\r\n`).join('');
  return Buffer.from(`${method} ${uri}${version ? ` ${version}` : ''}\r\n${lines}\r\n${body}`);
}

for (const file of ['http-rfc-compliant.yaml', 'http-acceptable.yaml']) {
  const from = path.join(corpora, file);
  const skip = existsSync(from) ? false : `NOT TESTED: there is no ${from} (BZCTRL_CORPORA names its folder)`;

  it(`${file} is there`, { skip }, () => assert.ok(statSync(from).size > 0));

  describe(file, { skip }, () => {
    const items = skip ? [] : parse(readFileSync(from, 'utf8'));
    const good = items.filter((item) => !refused[item.name]);
    let echo;
    before(async () => {
      echo = await startEcho();
    });
    after(() => echo.stop());

    /* Answers to HEAD have no body: they are looked at as bytes, one on a connection. */
    const isHead = (item) => item.method === 'HEAD';

    function accepted(item, answer) {
      assert.equal(answer.status, 200, item.name);
      if (isHead(item)) return;
      const { method, target, body, headers } = answer.json;
      assert.equal(method, item.method);
      assert.equal(Buffer.from(target, 'latin1').toString(), item.uri);
      for (const { name, value } of item.headers ?? []) {
        const found = headers.find((header) => header[0] === name);
        assert.equal(Buffer.from(found[1], 'latin1').toString(), String(value).replace(/^[ \t]+|[ \t]+$/g, ''));
      }
      assert.match(body, /^(hello|x*)$/);
    }

    async function refusedWith(status, pieces, pause) {
      const { bytes, closed } = await exchange(echo.where, pieces, { pause });
      assert.deepEqual(bytes.toString().match(/HTTP\/1\.1 \d+/g), [`HTTP/1.1 ${status}`]);
      assert.ok(closed);
      assert.ok(!echo.lines.some((line) => line.includes('/smuggled')));
    }

    async function acceptedAs(item, pieces, pause) {
      const last = isHead(item) ? [] : [AFTER];
      const options = { answers: isHead(item) ? Infinity : 2, timeout: isHead(item) ? 300 : 10_000, pause };
      if (isHead(item)) {
        const { bytes } = await exchange(echo.where, pieces, options);
        assert.match(bytes.toString(), /^HTTP\/1\.1 200 OK\r\n[^]*\r\nContent-Length: [1-9][0-9]*\r\n\r\n$/);
        return;
      }
      const { answers } = await exchange(echo.where, [...pieces, ...last], options);
      assert.equal(answers.length, 2);
      accepted(item, answers[0]);
      assert.equal(answers[1].json.path, '/next');
    }

    for (const [i, item] of items.entries()) {
      const [status, reason] = refused[item.name] ?? [200];
      const bytes = bytesOf(item, true);
      const judge = (pieces, pause) =>
        (status === 200 ? acceptedAs(item, pieces, pause) : refusedWith(status, [...pieces, BEHIND], pause));
      const verdict = status === 200 ? 'is accepted' : `is refused with ${status} (${reason})`;

      it(`${i + 1}. ${item.name}: ${verdict}`, async () => {
        echo.lines.length = 1;
        await judge([bytes], 0);
        await judge(Array.from(bytes, (byte) => Buffer.of(byte)), 0);
        const cuts = isHead(item) ? [40] : Array.from({ length: Math.min(bytes.length - 1, 400) }, (_, at) => at + 1);
        while (cuts.length > 0)
          await Promise.all(cuts.splice(0, 50).map((at) => {
            echo.lines.length = 1;
            return judge([bytes.subarray(0, at), bytes.subarray(at)], 5);
          }));
      });
      it(`${i + 1}. ${item.name}: without a Host it is refused`, async () => {
        echo.lines.length = 1;
        await refusedWith(status === 505 ? 505 : 400, [bytesOf(item, false), BEHIND], 0);
      });
    }

    it('all that is accepted, pipelined in one go and byte by byte', async () => {
      const together = good.filter((item) => !isHead(item));
      const bytes = Buffer.concat(together.map((item) => bytesOf(item, true)));
      for (const pieces of [[bytes], Array.from(bytes, (byte) => Buffer.of(byte))]) {
        const { answers } = await exchange(echo.where, pieces, { answers: together.length });
        assert.equal(answers.length, together.length);
        for (const [i, item] of together.entries()) accepted(item, answers[i]);
      }
    });

    it('names every exception by a case that exists', () => {
      const both = ['http-rfc-compliant.yaml', 'http-acceptable.yaml']
        .flatMap((name) => parse(readFileSync(path.join(corpora, name), 'utf8')))
        .map((item) => item.name);
      assert.deepEqual(Object.keys(refused).filter((name) => !both.includes(name)), []);
    });
  });
}

/*
 * Creating: every row of the contract's table, every "also accepted", every fault with its
 * pointer, and what is around it: headers, dry run, forms, media types.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { API, EXAMPLE, SAMPLE, WORKSPACE, small, startServer } from '../lib/server.mjs';

const AMSTERDAM = 'EXA-CON-BUS-AMS';
const OTHER = 'ann@example.com';

let server;
before(async () => {
  server = await startServer({
    workspaces: [WORKSPACE, [AMSTERDAM, '--timezone', 'Pacific/Kiritimati'], 'ELSE-WHERE'],
    users: [
      EXAMPLE,
      { email: OTHER, role: 'viewer', domain: 'EXA-CON' },
      { email: 'alien@example.com', role: 'member', domain: 'ELSE' },
    ],
  });
});
after(() => server.stop());

/* The record that a body becomes; SMALL with these changes. */
function becomes(changes, options) {
  return server.createAndRead(small(changes), options);
}

/* The faults that a body has: [pointer, …], or the whole entries. */
async function faults(changes) {
  const answer = await server.addTask(small(changes));
  assert.equal(answer.status, 422, `${JSON.stringify(changes).slice(0, 200)}: ${answer.text}`);
  return answer.json.errors;
}

async function assertFault(changes, pointer, code) {
  const found = await faults(changes);
  assert.deepEqual(found.map((f) => f.pointer), [pointer], JSON.stringify(found));
  if (code) assert.equal(found[0].code, code);
  return found[0];
}

function today(timeZone) {
  return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date());
}

describe('the answer', () => {
  test('201 with exactly five members in their order, Location, ETag and receipt', async () => {
    const answer = await server.addTask(SAMPLE);
    assert.equal(answer.status, 201);
    const number = /-(\d+)$/.exec(answer.headers.location)[1];
    assert.equal(
      answer.text,
      `{"title":"Potential Customs claim","taskType":"INCIDENT",` +
        `"description":"Operation started without proper approvals",` +
        `"taskLink":"${server.url}/app/#/todo/${WORKSPACE}-${number}","tags":["ORDER 777","725462"]}`,
    );
    assert.equal(answer.mediaType, 'application/json');
    assert.ok(answer.headers.location.endsWith(`${API}/tasks/${WORKSPACE}-${number}`));
    assert.match(answer.headers['bzctrl-receipt'], /^EXA-CON-BUS:[1-9]\d*:[A-Za-z0-9+/_-]{43}=?$/);
    assert.equal(answer.headers['idempotent-replayed'], undefined);

    const record = await server.get(`${API}/tasks/${WORKSPACE}-${number}`);
    assert.equal(record.headers.etag, answer.headers.etag);
  });

  test('the record holds every member of the sample, in the output spelling', async () => {
    const started = Date.now();
    const { createdAt, updatedAt, key, taskLink, ...record } = await server.createAndRead(SAMPLE);
    assert.deepEqual(record, {
      todoType: 'INCIDENT',
      workspace: WORKSPACE,
      title: 'Potential Customs claim',
      description: 'Operation started without proper approvals',
      result: null,
      financialImpact: '123577.00',
      financialImpactCurrency: 'EUR',
      impact: 'High',
      likelihood: 'Medium',
      status: 'In Progress',
      priority: 'High',
      assignee: EXAMPLE.email,
      reporter: EXAMPLE.email,
      source: EXAMPLE.email,
      category: ['Customs'],
      subCategory: ['IT'],
      orderID: ['ORDER 777'],
      LRN: '725462',
      tags: ['ORDER 777', '725462'],
      dueDate: null,
      reminderDate: '2024-09-27',
      occurredAt: null,
      extra: {},
      form: 'default',
      formVersion: 1,
      commentCount: 0,
      attachmentCount: 0,
      version: 1,
      open: true,
      overdue: false,
      closedAt: null,
      closedBy: null,
      firstDueDate: null,
      dueMoves: 0,
      parent: null,
      cause: null,
      followers: [],
      awaits: null,
    });
    assert.equal(createdAt, updatedAt);
    assert.ok(started <= Date.parse(createdAt) && Date.parse(createdAt) <= Date.now());
    assert.equal(taskLink, `${server.url}/app/#/todo/${key}`);
  });

  test('the members of a record stand in the order of the contract', async () => {
    const record = await server.createAndRead(SAMPLE);
    assert.deepEqual(Object.keys(record), [
      'key', 'todoType', 'workspace', 'title', 'description', 'result', 'financialImpact', 'financialImpactCurrency',
      'impact', 'likelihood', 'status', 'priority', 'assignee', 'reporter', 'source', 'category', 'subCategory',
      'orderID', 'LRN', 'tags', 'dueDate', 'reminderDate', 'occurredAt', 'extra', 'form', 'formVersion',
      'commentCount', 'attachmentCount', 'taskLink', 'createdAt', 'updatedAt', 'version', 'open', 'overdue',
      'closedAt', 'closedBy', 'firstDueDate', 'dueMoves', 'parent', 'cause', 'followers', 'awaits',
    ]);
  });

  test('the least that is needed; all else is null or empty, the assignee is the reporter', async () => {
    const record = await becomes({});
    assert.equal(record.status, 'In Progress');
    assert.equal(record.assignee, EXAMPLE.email);
    for (const member of ['result', 'financialImpact', 'impact', 'likelihood', 'priority', 'LRN', 'dueDate',
      'reminderDate', 'occurredAt'])
      assert.equal(record[member], null, member);
    assert.deepEqual(record.category, []);
    assert.deepEqual(record.extra, {});
  });

  test('numbers run per workspace without gaps; refused reports and dry runs burn none', async () => {
    const numberOf = async (changes) => Number(/-(\d+)$/.exec((await becomes(changes)).key)[1]);
    const first = await numberOf({ domainWorkSpace: AMSTERDAM });
    await faults({ domainWorkSpace: AMSTERDAM, title: '' });
    const dry = await server.addTask(small({ domainWorkSpace: AMSTERDAM }), { query: '?dryRun=true' });
    assert.equal(dry.status, 200);
    await numberOf({});
    assert.equal(await numberOf({ domainWorkSpace: AMSTERDAM }), first + 1);
  });
});

describe('todoType', () => {
  for (const [sent, kept] of [['INCIDENT', 'INCIDENT'], ['incident', 'INCIDENT'], ['Task', 'TASK'], ['tASK', 'TASK']])
    test(`"${sent}" is ${kept}`, async () => assert.equal((await becomes({ todoType: sent })).todoType, kept));
  test('another word is refused with the allowed ones', async () => {
    const fault = await assertFault({ todoType: 'PROBLEM' }, '/todoType');
    assert.deepEqual(fault.allowed, ['INCIDENT', 'TASK']);
  });
});

describe('domainWorkSpace, domain and workspace', () => {
  const places = {
    'the whole key': { domainWorkSpace: WORKSPACE },
    'in small letters': { domainWorkSpace: 'exa-con-bus-wor' },
    'domain and workspace': { domainWorkSpace: undefined, domain: 'EXA-CON-BUS', workspace: 'WOR' },
    'domain and workspace in small letters': { domainWorkSpace: undefined, domain: 'exa-con-bus', workspace: 'wor' },
    'as the table prints it: the key as domain, and the workspace': {
      domainWorkSpace: undefined, domain: WORKSPACE, workspace: 'WOR',
    },
    'both spellings that agree': { domainWorkSpace: WORKSPACE, domain: 'EXA-CON-BUS', workspace: 'WOR' },
  };
  for (const [name, changes] of Object.entries(places))
    test(name, async () => assert.equal((await becomes(changes)).workspace, WORKSPACE));

  test('both spellings that disagree are refused', async () => {
    const found = await faults({ domain: 'EXA-CON-BUS', workspace: 'AMS' });
    assert.ok(found.length >= 1);
    for (const { pointer } of found) assert.match(pointer, /^\/(domainWorkSpace|domain|workspace)$/);
  });
  test('only one of domain and workspace: the other is required', async () => {
    await assertFault({ domainWorkSpace: undefined, domain: 'EXA-CON-BUS' }, '/workspace', 'required');
    await assertFault({ domainWorkSpace: undefined, workspace: 'WOR' }, '/domain', 'required');
  });
  test('none of them', async () => {
    await assertFault({ domainWorkSpace: undefined }, '/domainWorkSpace', 'required');
  });
  test('a workspace that does not exist', async () => {
    await assertFault({ domainWorkSpace: 'EXA-CON-BUS-NIX' }, '/domainWorkSpace', 'unknown_workspace');
    await assertFault({ domainWorkSpace: 'no key!' }, '/domainWorkSpace', 'unknown_workspace');
  });
  test('a workspace that the caller may not see is the very same', async () => {
    const [missing] = await faults({ domainWorkSpace: 'NONE-WHERE' });
    const [alien] = await faults({ domainWorkSpace: 'ELSE-WHERE' });
    const plain = (fault) => JSON.stringify(fault).replaceAll(/NONE|ELSE/g, '');
    assert.equal(plain(alien), plain(missing));
    assert.equal(alien.code, 'unknown_workspace');
  });
});

describe('title, description and result', () => {
  test('255 characters of four bytes each are a title', async () => {
    const title = '\u{1F6A2}'.repeat(255);
    assert.equal((await becomes({ title })).title, title);
  });
  test('256 are not', async () => assertFault({ title: 'x'.repeat(256) }, '/title', 'too_long'));
  test('65,536 characters are a description', async () => {
    const description = '\u00e9'.repeat(65_536);
    assert.equal((await becomes({ description })).description, description);
  });
  test('65,537 are not', async () => assertFault({ description: 'x'.repeat(65_537) }, '/description', 'too_long'));
  for (const absent of [undefined, null, ''])
    test(`${JSON.stringify(absent) ?? 'nothing'} counts as absent`, async () => {
      await assertFault({ title: absent }, '/title', 'required');
      await assertFault({ description: absent }, '/description', 'required');
      assert.equal((await becomes({ priority: absent })).priority, null);
    });
  test('text comes back as it was sent, markup and controls too', async () => {
    const text = 'a <b>b</b> & "c" \\ \t\n\u0001\u007f \u2028 \ud83d\ude00 *d*';
    assert.equal((await becomes({ description: text })).description, text);
  });
  test('a result belongs to tasks, and an incident keeps it', async () => {
    assert.equal((await becomes({ todoType: 'TASK', result: 'Sent' })).result, 'Sent');
    assert.equal((await becomes({ result: 'Sent' })).result, 'Sent');
  });
});

describe('financialImpact', () => {
  const amounts = [
    ['"123577"', '123577.00'], ['123577', '123577.00'], ['"123577.50"', '123577.50'], ['123577.5', '123577.50'],
    ['"0"', '0.00'], ['0', '0.00'], ['0.01', '0.01'], ['"0.1"', '0.10'], ['1e3', '1000.00'], ['12.10', '12.10'],
    ['"10000000000000"', '10000000000000.00'], ['10000000000000', '10000000000000.00'], ['"007.5"', '7.50'],
    ['9999999999999.99', '9999999999999.99'], ['0.29', '0.29'], ['1.10e1', '11.00'],
  ];
  for (const [sent, kept] of amounts)
    test(`${sent} is ${kept}`, async () => {
      const body = JSON.stringify(small({ financialImpact: 0 }))
        .replace('"financialImpact":0', `"financialImpact":${sent}`);
      const record = await server.createAndRead(body);
      assert.equal(record.financialImpact, kept);
      assert.equal(record.financialImpactCurrency, 'EUR');
    });

  const refused = [
    '"12.345"', '12.345', '0.001', '"1e3"', '"-1"', '-1', '-0.01', '"+1"', '"1 2"', '"1,000"', '"1.000,00"', '"1_000"',
    '"EUR 5"', '"5 EUR"', '"abc"', '"."', '"1."', '".5"', '"10000000000000.01"', '10000000000000.01', '1e30', '"0x10"',
    '"NaN"', '"Infinity"', 'true', '[1]', '{"amount":1}', '"\u0661"', '123456789.1234',
  ];
  for (const sent of refused)
    test(`${sent} is refused`, async () => {
      const body = JSON.stringify(small({ financialImpact: 0 }))
        .replace('"financialImpact":0', `"financialImpact":${sent}`);
      const answer = await server.addTask(body);
      assert.equal(answer.status, 422, answer.text);
      assert.deepEqual(answer.json.errors.map((e) => e.pointer), ['/financialImpact']);
    });
  test('letters are not_a_number',
    async () => assertFault({ financialImpact: 'much' }, '/financialImpact', 'not_a_number'));
  test('a task keeps it',
    async () => assert.equal((await becomes({ todoType: 'TASK', financialImpact: 5 })).financialImpact, '5.00'));
  test('blanks around it are no part of it',
    async () => assert.equal((await becomes({ financialImpact: ' 1 ' })).financialImpact, '1.00'));
});

describe('impact, likelihood and priority', () => {
  for (const member of ['impact', 'likelihood', 'priority']) {
    for (const [sent, kept] of [['HIGH', 'High'], ['medium', 'Medium'], ['lOW', 'Low'], ['High ', 'High']])
      test(`${member} "${sent}" is ${kept}`,
        async () => assert.equal((await becomes({ [member]: sent }))[member], kept));
    for (const sent of ['huge', 'Hi gh', 1, true, ['High'], {}])
      test(`${member} ${JSON.stringify(sent)} is refused`, async () => {
        const fault = await assertFault({ [member]: sent }, `/${member}`);
        if (typeof sent === 'string') assert.deepEqual(fault.allowed, ['High', 'Medium', 'Low']);
      });
  }
  test('a task has a priority, and keeps impact and likelihood', async () => {
    assert.equal((await becomes({ todoType: 'TASK', priority: 'low' })).priority, 'Low');
    const record = await becomes({ todoType: 'TASK', impact: 'HIGH', likelihood: 'LOW' });
    assert.deepEqual([record.impact, record.likelihood], ['High', 'Low']);
    const found = await faults({ todoType: 'TASK', impact: 'huge', likelihood: 7 });
    assert.deepEqual(found.map((f) => f.pointer).sort(), ['/impact', '/likelihood']);
  });
});

describe('status and dueDate', () => {
  const spellings = [
    ['To do', 'To do'], ['to_do', 'To do'], ['TO-DO', 'To do'], ['IN PROGRESS', 'In Progress'],
    ['in-progress', 'In Progress'], ['In_Progress', 'In Progress'], ['expired', 'Expired'], ['DONE', 'Done'],
  ];
  for (const [sent, kept] of spellings)
    test(`"${sent}" is ${kept}`, async () => assert.equal((await becomes({ status: sent })).status, kept));
  test('another word is refused with the allowed ones', async () => {
    const fault = await assertFault({ status: 'finished' }, '/status');
    assert.deepEqual(fault.allowed, ['To do', 'In Progress', 'Done', 'Expired']);
  });

  test('Done sets the due date to today in the zone of the workspace, and wins', async () => {
    const zones = [[WORKSPACE, 'UTC'], [AMSTERDAM, 'Pacific/Kiritimati']];
    for (const [domainWorkSpace, zone] of zones) {
      const days = [today(zone)];
      const record = await becomes({ domainWorkSpace, status: 'Done', dueDate: '2031-01-01' });
      days.push(today(zone)); /* it may be midnight */
      assert.ok(days.includes(record.dueDate), `${record.dueDate} in ${zone}`);
    }
  });
  test('Done with occurredAt sets it to that day, in the zone of the workspace', async () => {
    const day = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10);
    const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
    const occurredAt = `${day}T12:00:00Z`;
    assert.equal((await becomes({ status: 'Done', occurredAt })).dueDate, day);
    assert.equal((await becomes({ domainWorkSpace: AMSTERDAM, status: 'Done', occurredAt })).dueDate, next);
  });
});

describe('dates', () => {
  test('a day, and a time with its zone', async () => {
    assert.equal((await becomes({ dueDate: '2028-02-29' })).dueDate, '2028-02-29');
    assert.equal((await becomes({ dueDate: '2027-01-31T10:00:00Z' })).dueDate, '2027-01-31');
    assert.equal((await becomes({ dueDate: '2027-01-31T10:00:00.5+01:00' })).dueDate, '2027-01-31');
    assert.equal((await becomes({ reminderDate: '2000-01-01' })).reminderDate, '2000-01-01');
  });
  const impossible = [
    '2025-02-29', '2024-13-01', '2024-00-10', '2024-04-31', '2024-9-7', '27-09-2024', '27.09.2024', '2024/09/27',
    'tomorrow',
    '2024-09-27T10:00:00', '2024-09-27T25:00:00Z', '2024-09-27 10:00', '2024-W39-5', '20240927', '2024 -09-27', '+14d',
  ];
  for (const sent of [...impossible, 20240927, true, ['2024-09-27']])
    test(`${JSON.stringify(sent)} is no date`, async () => {
      await assertFault({ dueDate: sent }, '/dueDate');
      await assertFault({ reminderDate: sent }, '/reminderDate');
    });

  test('occurredAt: a time up to 30 days back and 5 minutes ahead', async () => {
    const ago = (milliseconds) => new Date(Date.now() - milliseconds).toISOString();
    const sent = ago(86_400_000);
    assert.equal((await becomes({ occurredAt: sent })).occurredAt, sent);
    assert.ok((await becomes({ occurredAt: ago(29.9 * 86_400_000) })).occurredAt);
    assert.ok((await becomes({ occurredAt: ago(-4 * 60_000) })).occurredAt);
    await assertFault({ occurredAt: ago(30.1 * 86_400_000) }, '/occurredAt');
    await assertFault({ occurredAt: ago(-6 * 60_000) }, '/occurredAt');
    await assertFault({ occurredAt: '2024-09-27' }, '/occurredAt');
    await assertFault({ occurredAt: 'now' }, '/occurredAt');
  });
  test('occurredAt with another zone is shown in UTC with milliseconds', async () => {
    const time = new Date(Math.floor(Date.now() / 1000) * 1000 - 3_600_000);
    const elsewhere = new Date(time.getTime() + 2 * 3_600_000).toISOString().replace('.000Z', '+02:00');
    assert.equal((await becomes({ occurredAt: elsewhere })).occurredAt, time.toISOString());
  });
});

describe('reporter and assignee', () => {
  test('any case; a person who is known to the domain by a role above it', async () => {
    const record = await becomes({ reporter: 'EXAMPLE@Example.COM', assignee: 'ANN@example.com' });
    assert.equal(record.reporter, EXAMPLE.email);
    assert.equal(record.assignee, OTHER);
    assert.equal(record.source, EXAMPLE.email);
  });
  test('nobody, or somebody whom only another domain knows', async () => {
    for (const sent of ['nobody@example.com', 'alien@example.com', 'no address', 'x'.repeat(300)]) {
      await assertFault({ reporter: sent, assignee: EXAMPLE.email }, '/reporter', 'unknown_person');
      await assertFault({ assignee: sent }, '/assignee', 'unknown_person');
    }
  });
  test('an unknown reporter is one fault, not two, though the assignee follows from it', async () => {
    await assertFault({ reporter: 'nobody@example.com' }, '/reporter', 'unknown_person');
  });
  test('no reporter', async () => assertFault({ reporter: undefined }, '/reporter', 'required'));
});

describe('category, orderID, LRN and tags', () => {
  test('a text is a list of one', async () => {
    const record = await becomes({ category: 'Customs', subCategory: 'IT', orderID: 'ORDER 777', tags: 'urgent' });
    assert.deepEqual(record.category, ['Customs']);
    assert.deepEqual(record.subCategory, ['IT']);
    assert.deepEqual(record.orderID, ['ORDER 777']);
    assert.deepEqual(record.tags, ['ORDER 777', 'urgent']);
  });
  test('tags: orders, then the LRN, then the rest; repeats dropped, order kept', async () => {
    const record = await becomes({ orderID: ['B', 'A', 'B'], LRN: '7', tags: ['z', 'A', 'y', '7', 'z'] });
    assert.deepEqual(record.tags, ['B', 'A', '7', 'z', 'y']);
  });
  test('100 orders and 100 tags, but not 101', async () => {
    const many = (n, letter) => Array.from({ length: n }, (_, i) => `${letter}${i}`);
    const record = await becomes({ orderID: many(100, 'o'), tags: many(100, 't'), LRN: 'l' });
    assert.equal(record.tags.length, 201);
    await assertFault({ orderID: many(101, 'o') }, '/orderID', 'too_many');
    await assertFault({ tags: many(101, 't') }, '/tags', 'too_many');
  });
  test('10,000 tags are one clear fault', async () => {
    await assertFault({ tags: Array.from({ length: 10_000 }, (_, i) => `tag ${i}`) }, '/tags', 'too_many');
  });
  test('an element that is no text is named by its place', async () => {
    await assertFault({ orderID: ['A', true] }, '/orderID/1');
    await assertFault({ tags: ['A', 'B', ['C']] }, '/tags/2');
    await assertFault({ category: [{}] }, '/category/0');
  });
  test('no order', async () => {
    for (const absent of [undefined, null, '', []]) await assertFault({ orderID: absent }, '/orderID', 'required');
  });
  test('neither a text nor a list', async () => {
    for (const wrong of [7.5, true, {}]) {
      await assertFault({ orderID: wrong }, '/orderID');
      await assertFault({ tags: wrong }, '/tags');
    }
  });
});

describe('member names', () => {
  test('match without regard to case', async () => {
    const record = await server.createAndRead({
      TODOTYPE: 'incident', domainworkspace: WORKSPACE, Title: 'T', DESCRIPTION: 'D', Reporter: EXAMPLE.email,
      orderId: 'O', Lrn: 'L', ReminderDate: '2030-01-01', subcategory: 'S',
    });
    assert.deepEqual(record.tags, ['O', 'L']);
    assert.equal(record.LRN, 'L');
    assert.deepEqual(record.subCategory, ['S']);
    assert.deepEqual(record.extra, {});
  });
  test('the same member in two spellings is a fault', async () => {
    const found = await faults({ lrn: 'A', LRN: 'B' });
    assert.equal(found.length, 1);
    assert.match(found[0].pointer, /^\/lrn$/i);
  });
  test('what no rule knows is kept under extra, with its type and spelling', async () => {
    const extra =
      { vesselName: 'Ever Given', Nested: { a: [1, 2.5, null, true, { b: '' }] }, 'a/b~c': 'd', '': 'nameless' };
    assert.deepEqual((await becomes(extra)).extra, extra);
  });
  test('a pointer escapes "~" and "/"', async () => {
    const answer = await server.addTask(JSON.stringify(small()).replace('{', '{"a/b~c":1,"A/B~C":2,'));
    if (answer.status === 422)
      assert.match(answer.json.errors[0].pointer, /^\/a~1b~0c$/i);
    else assert.equal(answer.status, 201, answer.text);
  });
});

describe('faults', () => {
  test('all of them in one answer, each with pointer, code and a sentence', async () => {
    const answer = await server.addTask({
      todoType: 'INCIDENT',
      domainWorkSpace: WORKSPACE,
      title: 'x'.repeat(256),
      result: 'none',
      financialImpact: 'many',
      impact: 'huge',
      status: 'gone',
      assignee: 'nobody@example.com',
      reporter: EXAMPLE.email,
      orderID: ['A', 1.5],
      reminderDate: '2024-02-30',
    });
    assert.equal(answer.status, 422);
    assert.deepEqual(
      answer.json.errors.map((e) => e.pointer).sort(),
      ['/assignee', '/description', '/financialImpact', '/impact', '/orderID/1', '/reminderDate', '/status', '/title'],
    );
    for (const fault of answer.json.errors) assert.ok(fault.detail.length > 5);
    assert.deepEqual(answer.json.errors.find((e) => e.pointer === '/impact').allowed, ['High', 'Medium', 'Low']);
    assert.equal(answer.json.errors.find((e) => e.pointer === '/description').code, 'required');
  });
  test('an empty object: every required member', async () => {
    const answer = await server.addTask({});
    assert.equal(answer.status, 422);
    assert.deepEqual(
      answer.json.errors.map((e) => e.pointer).sort(),
      ['/description', '/domainWorkSpace', '/orderID', '/reporter', '/title', '/todoType'],
    );
  });
  for (const [member, wrong] of Object.entries({
    todoType: 1, title: 7, description: ['x'], status: false, reporter: {}, assignee: 3, LRN: 725462.5,
    domainWorkSpace: 4,
    occurredAt: 5,
  }))
    test(`${member} of the wrong type`, async () => assertFault({ [member]: wrong }, `/${member}`));
  test('the problem is one that RFC 9457 knows', async () => {
    const { json, headers } = await server.addTask({});
    assert.equal(json.status, 422);
    assert.equal(typeof json.type, 'string');
    assert.equal(headers['cache-control'], 'no-store');
  });
});

describe('what is no JSON at all', () => {
  const token = () => server.token();
  const broken = {
    'nothing': '',
    'a bare word': 'hello',
    'two values': '{}{}',
    'a comma too many': '{"a":1,}',
    'single quotes': "{'a':1}",
    'a comment': '{/* */}',
    'cut off': '{"title":"x',
    'invalid UTF-8 in a text': Buffer.from('{"title":"\xff"}', 'latin1'),
    'an overlong form': Buffer.from('{"title":"\xc0\xaf"}', 'latin1'),
    'a surrogate in UTF-8': Buffer.from('{"title":"\xed\xa0\x80"}', 'latin1'),
    'a byte order mark': '\ufeff{}',
    'UTF-16': Buffer.from('{"title":"x"}', 'utf16le'),
    'NUL behind it': '{}\0',
    'NUL inside': '{"title":"a\0b"}',
    'an escaped NUL': '{"title":"a\\u0000b"}',
    'an escaped NUL in a name': '{"ti\\u0000tle":"a"}',
    'a lone surrogate': '{"title":"\\ud800"}',
    'a member twice': '{"title":"a","title":"b"}',
    'a member twice, further down': '{"x":{"y":[{"z":1,"z":2}]}}',
    'a member twice, once escaped': '{"title":"a","t\\u0069tle":"b"}',
    '33 levels': `{"x":${'['.repeat(32)}${']'.repeat(32)}}`,
    '100,000 levels': '['.repeat(100_000),
  };
  for (const [name, body] of Object.entries(broken))
    test(`${name}: 400, and what is wrong`, async () => {
      const answer = await server.addTask(body, { token: await token() });
      assert.equal(answer.status, 400, answer.text);
      assert.ok(answer.json.detail.length > 10, answer.text);
    });
  test('JSON, but no object', async () => {
    for (const body of ['[]', '"title"', 'null', '7']) {
      const answer = await server.addTask(body);
      assert.ok([400, 422].includes(answer.status), answer.text);
    }
  });
  test('32 levels are taken', async () => {
    const answer =
      await server.addTask(JSON.stringify(small()).replace('{', `{"x":${'['.repeat(31)}${']'.repeat(31)},`));
    assert.equal(answer.status, 201, answer.text);
  });
  test('line and column point at the fault', async () => {
    const where = async (body) => {
      const { detail } = (await server.addTask(body)).json;
      return [/line (\d+)/.exec(detail)?.[1], /column (\d+)/.exec(detail)?.[1]].map(Number);
    };
    assert.deepEqual(await where('{"a":1,\n  "b" 2}'), [2, 7]);
    assert.deepEqual(await where('{"a":1,\n\n"b":nul}'), [3, 5]);
    const [line] = await where('{\n"a":1,\n"a":2}');
    assert.equal(line, 3);
  });
});

describe('around the body', () => {
  test('another media type: 415', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'text/json', '']) {
      const answer = await server.addTask(small(), { headers: { 'content-type': type } });
      assert.equal(answer.status, 415, type);
    }
  });
  test('two media types, whichever comes first: 415', async () => {
    for (const types of [['application/json', 'text/plain'], ['text/plain', 'application/json'],
        ['application/json', 'application/json']]) {
      const answer = await server.addTask(small(), { headers: { 'content-type': types } });
      assert.equal(answer.status, 415, types.join());
    }
  });
  test('no media type: 415', async () => {
    const raw = JSON.stringify(small());
    const { answers } = await server.exchange(
      `POST /bzctrl-core-api/api/v1/task/add-task HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ` +
          `${await server.token()}\r\n` +
        `Content-Length: ${raw.length}\r\n\r\n${raw}`,
      { answers: 1 },
    );
    assert.equal(answers[0].status, 415);
  });
  test('with a charset, and in capitals, it is the same type', async () => {
    for (const type of ['application/json; charset=utf-8', 'application/json;charset=UTF-8', 'Application/JSON'])
      assert.equal((await server.addTask(small(), { headers: { 'content-type': type } })).status, 201, type);
  });
  test('any Content-Encoding: 415', async () => {
    for (const encoding of ['gzip', 'identity', 'br'])
      assert.equal((await server.addTask(small(), { headers: { 'content-encoding': encoding } })).status, 415,
        encoding);
  });
  test('over 1 MiB: 413', async () => {
    const answer =
      await server.addTask(small({ extra: 'x'.repeat(1024 * 1024) }), { headers: { connection: 'close' } });
    assert.equal(answer.status, 413);
  });
  test('just under 1 MiB is read whole', async () => {
    const filler = 'x'.repeat(1024 * 1024 - JSON.stringify(small({ filler: '' })).length);
    const record = await server.createAndRead(small({ filler }));
    assert.equal(record.extra.filler, filler);
  });
  test('an unknown query parameter: 400, and so is a repeated or badly encoded one', async () => {
    for (const query of ['?foo=1', '?dryrun=true', '?dryRun=true&dryRun=true', '?form=%zz', '?form=%00',
        '?dryRun=maybe']) {
      const answer = await server.addTask(small(), { query });
      assert.equal(answer.status, 400, query);
    }
  });
  test('?form=default is the built-in form', async () => {
    assert.equal((await server.addTask(small(), { query: '?form=default' })).status, 201);
  });
  test('a form that does not exist is refused', async () => {
    const answer = await server.addTask(small(), { query: '?form=nosuch' });
    assert.ok([404, 422].includes(answer.status), answer.text);
  });
});

describe('dryRun', () => {
  const query = '?dryRun=true';

  test('200 with the record as it would be, and nothing written', async () => {
    const before = await server.listAll();
    const answer = await server.addTask(SAMPLE, { query, headers: { 'idempotency-key': '"dry"' } });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.valid, true);
    assert.deepEqual(answer.json.warnings, []);
    assert.equal(answer.json.record.financialImpact, '123577.00');
    assert.deepEqual(answer.json.record.tags, ['ORDER 777', '725462']);
    assert.equal(answer.json.record.key ?? null, null);
    assert.equal(answer.json.record.taskLink ?? null, null);
    for (const header of ['location', 'bzctrl-receipt']) assert.equal(answer.headers[header], undefined);
    assert.deepEqual(await server.listAll(), before);
    /* The key is still free: another body may have it. */
    const real = await server.addTask(small({ title: 'real' }), { headers: { 'idempotency-key': '"dry"' } });
    assert.equal(real.status, 201, real.text);
    assert.equal(real.headers['idempotent-replayed'], undefined);
  });
  test('the same faults as without it', async () => {
    const body = small({ title: '', impact: 'huge', tags: 7 });
    const [dry, real] = [await server.addTask(body, { query }), await server.addTask(body)];
    assert.equal(dry.status, 422);
    assert.equal(dry.text, real.text);
  });
  test('a viewer is told 403 all the same', async () => {
    assert.equal((await server.addTask(small(), { query, as: OTHER })).status, 403);
  });
  test('did you mean: an unknown member that looks like a known one', async () => {
    const answer = await server.addTask(small({ priorty: 'HIGH', vesselName: 'Ever Given' }), { query });
    assert.equal(answer.status, 200, answer.text);
    const [warning, ...more] = answer.json.warnings;
    assert.deepEqual(more, []);
    assert.equal(warning.pointer, '/priorty');
    assert.match(warning.detail, /priority/);
  });
  test('dryRun=false creates', async () => {
    assert.equal((await server.addTask(small(), { query: '?dryRun=false' })).status, 201);
  });
});

/*
 * What people type into q: Dutch names, the beginnings of names and words, what is said of a fault in the reader's
 * language, and what is offered where nothing was found.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { API, EXAMPLE, small, startServer } from '../lib/server.mjs';

const ADMIN = { email: 'admin@example.com', admin: true };
const ALIEN = { email: 'alien@example.com', role: 'member', domain: 'ELSE' };
const [WARE, ZOE, LEFT, FAR] = [['w.wareham@example.com', 'Wim Wareham'], ['z@example.com', 'Zoë Wärme'],
  ['gone@example.com', 'Waregem, who left'], ['far@example.com', 'Warehouse elsewhere']]
  .map(([email, name]) => ({ email, name }));
const PLACE = 'EXA-CON-BUS-TWO';
const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

let server;
before(async () => {
  server = await startServer({ users: [EXAMPLE, ADMIN, ALIEN], workspaces: [PLACE, 'ELSE-WHERE'] });
  for (const { email, name } of [WARE, ZOE, LEFT, FAR]) {
    const roles = [{ domain: email === FAR.email ? 'ELSE' : 'EXA-CON-BUS', role: 'member' }];
    const answer = await server.send(ADMIN.email, 'POST', `${API}/people`, { email, name, roles });
    assert.equal(answer.status, 201, answer.text);
  }
  const make = (title, changes) =>
    server.createAndRead(small({ domainWorkSpace: PLACE, orderID: 'X', title, ...changes }));
  const a = await make('a',
    { assignee: WARE.email, status: 'To do', dueDate: day(-3), description: 'a warehouse door' });
  await make('b', { assignee: ZOE.email, status: 'Expired', priority: 'High', description: 'a warehouse' });
  await make('c', { assignee: LEFT.email, status: 'Done', todoType: 'TASK', category: 'Douane' });
  await make('d', { description: 'warehouses', dueDate: '2031-12-01', status: 'In Progress' });
  assert.equal((await server.send(EXAMPLE.email, 'POST', `${API}/tasks/${a.key}/comments`,
    { text: 'internally', internal: true })).status, 201);
  await server.send(ADMIN.email, 'PATCH', `${API}/people/${LEFT.email}`, { disabled: true },
    { headers: { 'if-match': '*' } });
  // Totals wait for the index.
  while ((await ask({ total: 'true' })).status === 503) await new Promise((resolve) => setTimeout(resolve, 20));
});
after(() => server.stop());

const ask = (parameters, { as = EXAMPLE.email, language } = {}) =>
  server.get(`${API}/tasks?${new URLSearchParams(parameters)}`,
    { as, headers: language === undefined ? {} : { 'accept-language': language } });

/** The titles of what is listed, which a total and the figures of all must confirm. */
async function titles(q, options) {
  const answer = await ask({ workspace: PLACE, q, total: 'true' }, options);
  assert.equal(answer.status, 200, `${q}: ${answer.text}`);
  const shown = answer.json.items.map(({ title }) => title).join(' ');
  assert.equal(answer.json.total, answer.json.items.length, q);
  const stats = await server.get(`${API}/stats?by=todoType&${new URLSearchParams({ workspace: PLACE, q })}`,
    { as: options?.as ?? EXAMPLE.email });
  assert.equal(stats.json.cells.reduce((sum, { count }) => sum + count, 0), answer.json.total, `${q}: ${stats.text}`);
  return shown;
}

async function refusal(parameters, options) {
  const answer = await ask(parameters, options);
  assert.equal(answer.status, 400, answer.text);
  return answer.json.detail;
}

describe('a fault of a filter', () => {
  const faults = [
    [{ q: 'x staus:done' }, 'q, character 3: there is no filter "staus"; did you mean "status"? Put it in quotes to'
      + ' search for the words.', 'q, teken 3: er is geen filter "staus"; bedoelt u "status"? Zet het tussen'
      + ' aanhalingstekens om de woorden te zoeken.'],
    [{ q: 'is:' }, 'q, character 1: is: lacks a value.', 'q, teken 1: is: heeft nog geen waarde.'],
    [{ q: 'status:odd' }, 'q, character 1: status must be one of To do, In Progress, Done, Expired, not "odd".',
      'q, teken 1: status moet Te doen, In behandeling, Afgerond of Verlopen zijn, niet "odd".'],
    [{ q: 'is:odd' }, 'q, character 1: is must be one of open, closed, overdue, mine, not "odd".',
      'q, teken 1: is moet open, afgerond, te laat of mijn zijn, niet "odd".'],
    [{ q: '"odd' }, 'q, character 1: the quotation mark has no partner; add one at the end of the phrase.',
      'q, teken 1: het aanhalingsteken is alleen; zet er nog een aan het einde.'],
    ...['due', 'created'].flatMap((field) => ['odd', '31/2/2026', '13/31/2026', '2026-02-30', '32/1', '31/12-2026'].map(
      (day) => [{ q: `${field}:<${day}` }, `q, character 1: ${field} must be a day that exists, such as 31/12/2026`
        + ` (the day first), 2026-12-31, tomorrow, +7d or this month, not "${day}".`, `q, teken 1: ${field} moet`
        + ` een dag die bestaat, zoals 31/12/2026 (eerst de dag), 2026-12-31, morgen, +7d of deze maand,`
        + ` zijn, niet "${day}".`])),
    ...['10.00.000', '10.000.00', '0.500', '1.0000', '000', '1.2.3', '-5', '10k', '.5', '5.'].map(
      (amount) => [{ q: `eur:>${amount}` }, 'q, character 1: eur must be an amount such as 10000, 10.000,50 or'
        + ` 10,000.50, not "${amount}".`, `q, teken 1: eur moet een bedrag zoals 10000, 10.000,50 of`
        + ` 10,000.50 zijn, niet "${amount}".`]),
    [{ dueBefore: 'odd' }, 'dueBefore must be a date such as 2024-09-27, not "odd".',
      'dueBefore moet een datum zoals 2024-09-27 zijn, niet "odd".'],
    [{ open: 'odd' }, 'open must be true or false, not "odd".', 'open moet true of false zijn, niet "odd".'],
  ];
  for (const [parameters, english, dutch] of faults)
    test(`is in the language of its reader: ${new URLSearchParams(parameters)}`, async () => {
      assert.equal(await refusal(parameters), english);
      for (const language of ['nl', 'nl-BE,nl;q=0.9,en;q=0.8', 'fr, EN;q=0.5, NL;q=0.7'])
        assert.equal(await refusal(parameters, { language }), dutch, language);
      for (const language of ['en', 'fr', '*', 'en-GB,nl;q=0.9', 'nl;q=0,en;q=0.1', 'nl;q=x', 'nlx', ',;,', ''])
        assert.equal(await refusal(parameters, { language }), english, language);
    });
  test('offers Dutch names to those who read Dutch', async () => {
    assert.match(await refusal({ q: 'einddatm:geen' }, { language: 'nl' }), /bedoelt u "einddatum"\?/);
    assert.doesNotMatch(await refusal({ q: 'einddatm:none' }), /einddatum/);
  });
  test('of a saved view and of a rule, too', async () => {
    const headers = { 'accept-language': 'nl' };
    const view = await server.send(EXAMPLE.email, 'POST', `${API}/views`,
      { name: 'x', query: 'q=is:odd', layout: 'list' }, { headers });
    assert.equal(view.json.errors[0].pointer, '/query');
    assert.match(view.json.errors[0].detail, /is moet open, afgerond, te laat of mijn zijn/);
  });
});

describe('Dutch names', () => {
  const cases = [
    ['vervaldatum:<2026-01-01', ''], [`einddatum:<${day(0)}`, 'a'], ['einddatum:geen', 'b'],
    ['is:telaat', 'a'], ['is:te laat', 'a'], ['is:"te laat"', 'a'], ['is:te laat warehouse', 'a'],
    ['is:afgerond', 'c'], ['is:overdue warehouse', 'a'], ['status:"te doen"', 'a'], ['status:te doen', 'a'],
    ['status:tedoen,verlopen', 'b a'], ['status:to do', 'a'], ['status:in behandeling', 'd'],
    ['status:in progress', 'd'],
    ['-status:in behandeling', 'c b a'],
    ['soort:taak', 'c'], ['Prioriteit:hoog', 'b'], ['categorie:Douane', 'c'], [`behandelaar:${ZOE.email}`, 'b'],
    [`toegewezen:${ZOE.email}`, 'b'], ['toegewezen:uzelf', 'd'], ['is:mijn', 'd'], ['met:bijlage', ''],
    ['werkruimte:exa-con-bus-two soort:taak', 'c'],
  ];
  for (const [q, expected] of cases)
    test(`q=${q} lists ${expected || 'nothing'}`, async () => assert.equal(await titles(q), expected));
  test('are words where no value follows, as before', async () => {
    assert.equal(await titles('bron: melder:'), '');
    assert.equal((await ask({ q: 'status: x' })).status, 400);
  });
  test('are for q alone', async () =>
    assert.equal((await ask({ status: 'te doen' })).status, 400));
});

describe('people by the beginning of a name or an address', () => {
  const cases = [
    ['assignee:ware', 'c a'], ['assignee:WAREHAM', 'a'], ['assignee:warm', 'b'], ['assignee:"wim ware"', 'a'],
    ['assignee:w', 'c b a'], ['-assignee:ware', 'd b'], ['assignee:warm,wareham', 'b a'], ['reporter:exam', 'd c b a'],
    ['source:exam', 'd c b a'], ['behandelaar:wareg', 'c'], ['assignee:z', 'b'], ['assignee:w.ware', 'c a'],
    ['assignee:wärme', 'b'],
  ];
  for (const [q, expected] of cases)
    test(`q=${q} lists ${expected}`, async () => assert.equal(await titles(q), expected));
  test('who is elsewhere is as unknown as somebody who does not exist', async () => {
    const sentence = (name) => `q, character 1: assignee must be me, an address, or the beginning of a name that you`
      + ` know, not "${name}".`;
    for (const name of ['warehouse', 'nobody'])
      assert.equal(await refusal({ q: `assignee:${name}` }), sentence(name));
    assert.equal(await refusal({ q: 'assignee:wareham' }, { as: ALIEN.email }), sentence('wareham'));
    assert.equal(await titles('assignee:warehouse', { as: ADMIN.email }), '');
  });
  test('the domain of an address is nobody\'s name', async () => {
    for (const name of ['com', 'example.com'])
      assert.match(await refusal({ q: `assignee:${name}` }), /must be me, an address, or the beginning of a name/);
  });
  test('an address names one account, or none, and so does a parameter', async () => {
    assert.equal(await titles('assignee:w.wareham@example'), '');
    assert.equal(await titles('assignee:***'), '');
    assert.deepEqual((await ask({ assignee: 'ware' })).json.items, []);
  });
  test('a saved view keeps the beginning', async () => {
    const { status, json } = await server.send(EXAMPLE.email, 'POST', `${API}/views`,
      { name: 'ware', query: 'q=assignee:ware', layout: 'list' });
    assert.equal(status, 201);
    assert.equal(new URLSearchParams(json.query).get('q'), 'assignee:ware');
    assert.equal(json.problem ?? null, null);
  });
});

describe('days as people write them', () => {
  const daily = (offset, separator) => day(offset).split('-').reverse().map(Number).join(separator);
  const cases = [
    ...['/', '-', '.'].map((one) => [`due:${daily(-3, one)}`, 'a']),
    [`due:<${day(-3).split('-').reverse().join('/')}`, ''],
    ['vervalt:<31/12/2031', 'd c a'], ['vervalt:1.12.2031', 'd'],
    ['vervalt:1/12/31', 'd'], ['due:"1 dec 2031"', 'd'], ['due:1 december 2031', 'd'], ['due:1dec2031 warehouses', 'd'],
    ['due:>1/12/2031', ''], ['due:-3', 'a'], ['due:-3d', 'a'], ['einddatum:<vandaag', 'a'], ['due:<today', 'a'],
    ['due:>+1m', 'd'], ['due:tomorrow', ''], ['due:2031-12', 'd'], ['-due:<=tomorrow', 'd b'],
    ['due:<today,>volgende week', 'd a'],
    ['due:>volgend jaar', 'd'], ['due:>next year warehouses', 'd'],
    ['created:today', 'd c b a'], ['gemeld:vandaag', 'd c b a'], ['created:this year', 'd c b a'],
    ['gemeld:deze week warehouse', 'b a'], ['created:yesterday', ''], ['created:<vandaag', ''],
    ['created:>=gisteren', 'd c b a'], [`created:${daily(0, '/')}`, 'd c b a'], ['created:>=deze maand', 'd c b a'],
    ['updated:>-1d', 'd c b a'], ['afgerond:vandaag', 'c'],
  ];
  for (const [q, expected] of cases)
    test(`q=${q} lists ${expected || 'nothing'}`, async () => assert.equal(await titles(q), expected));
  test('are for q alone', async () => {
    for (const value of ['31/12/2026', 'today'])
      assert.equal(await refusal({ dueBefore: value }), `dueBefore must be a date such as 2024-09-27, not "${value}".`);
  });
});

describe('amounts as people write them', () => {
  before(async () => {
    for (const [title, financialImpact] of [['e', '10000.00'], ['f', '10000.50']])
      await server.createAndRead(small({ domainWorkSpace: PLACE, orderID: 'ORDER 777', title, financialImpact,
        description: 'amount' }));
  });
  for (const [q, expected] of [['eur:10.000', 'e'], ['eur:>10.000', 'f'], ['eur:10.000,50', 'f'],
    ['eur:10,000.50', 'f'], ['eur:10,000', 'e'], ['eur:10000.5', 'f'], ['eur:10000,50', 'f'],
    ['eur:>=10.000,00', 'f e'], ['eur:<1.000.000', 'f e'],
    ['eur:"10000","10000.50"', 'f e'], ['eur:10000,20000', 'e'], ['eur:<1,>10000', 'f'], ['eur:<=10.000 amount', 'e']])
    test(`q=${q} lists ${expected}`, async () => assert.equal(await titles(q), expected));
  test('are for q alone', async () =>
    assert.match(await refusal({ minFinancialImpact: '10.000' }), /must be an amount such as 10000 or 99\.50/));
});

describe('the beginning of a word', () => {
  for (const [q, expected] of [['wareho*', 'd b a'], ['warehouse', 'b a'], ['WAREHO* door', 'a'], ['wa*', ''],
    ['"wareho*"', ''], ['door*', 'a'], ['wareho* is:overdue', 'a'], ['a/wareho*', 'b a'], ['intern*', 'a']])
    test(`q=${q} lists ${expected || 'nothing'}`, async () => assert.equal(await titles(q), expected));
});

describe('a search that finds nothing', () => {
  const cases = [
    ['overdue warehouse', 'is:overdue warehouse'], ['overdue wareho', 'is:overdue wareho*'], ['wareho', 'wareho*'],
    ['te laat', 'is:overdue'], ['expired', 'status:expired'],
    ['In Progress warehouses', 'status:inprogress warehouses'],
    ['verlopen warehouse', 'status:expired warehouse'], ['mine', 'is:mine'], ['is overdue', 'is:overdue'],
    ['hoog', 'priority:high'], ['taak', 'todoType:task'], ['categorie Douane', 'category:Douane'],
    ['due before 31/12/2031 warehouses', 'due:<2031-12-31 warehouses'], ['due after 1-1-2031', 'due:>2031-01-01'],
    ['einddatum vóór 31.12.2031', 'due:<2031-12-31'], ['due on 1/12/2031', 'due:2031-12-01'],
    ['due 2031-12-01', 'due:2031-12-01'], ['assignee warm', 'assignee:warm'],
    ['vervalt voor 31/12/2031', 'due:<2031-12-31'], ['due before next week', 'due:<next week'],
    ['vervalt vóór vandaag', 'due:<vandaag'], ['777', 'order 777'], ['open 777', 'is:open order 777'],
    ['"a warehouse" overdue', '"a warehouse" is:overdue'], ['status:done taak', 'status:done todoType:task'],
    // What would find nothing either is not offered; and what was found is enough.
    ['overdue elephant', null], ['due before 31/2/2031', null], ['due before 1/1/1990', null], ['"overdue"', null],
    ['is:overdue', null], ['warehouse', null], ['priority', null], ['zz', null], ['', null],
  ];
  for (const [q, expected] of cases)
    test(`q=${q} offers ${expected ?? 'nothing'}`, async () => {
      const { json } = await ask({ workspace: PLACE, q });
      assert.deepEqual(json.didYouMean, expected === null ? undefined : [{ q: expected }]);
      if (expected === null) return;
      assert.deepEqual(json.items, []);
      assert.ok((await ask({ workspace: PLACE, q: expected })).json.items.length > 0);
    });
  const several = [
    ['overdue wareham', ['is:overdue assignee:wareham']], ['Zoë Wärme', ['assignee:"Zoë Wärme"']],
    ['overdue ware', ['is:overdue assignee:ware', 'is:overdue ware*']],
    ['wareham te laat', ['assignee:wareham is:overdue']],
    ['wim overdue ware', []],
    ['warehouse done', []],
  ];
  for (const [q, expected] of several)
    test(`q=${q} offers people first: ${expected}`, async () => {
      const { json } = await ask({ workspace: PLACE, q });
      assert.deepEqual(json.didYouMean?.map((one) => one.q) ?? [], expected);
    });
  test('offers only what its reader may see, and only beside the other filters', async () => {
    assert.equal((await ask({ q: 'wareho' }, { as: ALIEN.email })).json.didYouMean, undefined);
    assert.equal((await ask({ q: 'wareho', status: 'Done' })).json.didYouMean, undefined);
  });
});

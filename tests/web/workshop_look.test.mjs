/* The Workshop, the first run and one's own settings: in both themes, on a phone, in Dutch, and for axe-core. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openBrowser, scrollsSideways } from './browser.mjs';
import { keep } from './pages.mjs';
import { BOSS, asBoss, openAs, startWorkshop, violations } from './workshop.mjs';

let server;
let browser;
let client;
before(async () => {
  server = await startWorkshop();
  client = await asBoss(server, 'POST', '/clients',
    { name: `Client <b>${'x'.repeat(80)}`, domain: 'EXA-CON-BUS', scopes: ['task:create'] });
  await asBoss(server, 'POST', '/people',
    { email: 'anna@example.com', name: 'Anna de Vries', roles: [{ domain: 'EXA-CON-BUS', role: 'member' }] });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const click = (name) => (page) => page.getByRole('button', { name }).first().click();
const shown = {
  workshop: ['#/workshop', '.section-cards'],
  places: ['#/workshop/workspaces', '.tree'],
  'a workspace': ['#/workshop/workspaces', '.tree', click(/^Change EXA-CON-BUS-WOR/)],
  people: ['#/workshop/people', '.admin-row'],
  'a new person': ['#/workshop/people', '.admin-row', click('Add person')],
  person: ['#/workshop/people/anna@example.com', '.steps'],
  'a link': ['#/workshop/people/anna@example.com', '.steps', click('Make a link for a new password')],
  erasing: ['#/workshop/people/anna@example.com', '.steps', click('Erase personal data…')],
  clients: ['#/workshop/clients', '.admin-row'],
  'a new client': ['#/workshop/clients', '.admin-row', click('Add client')],
  client: [null, '.secret-rows'],
  revoking: [null, '.secret-rows', click(/^Revoke the secret/)],
  health: ['#/workshop/health', '.setting-rows'],
  settings: ['#/me', '.section-cards'],
  look: ['#/me/look', 'select'],
  password: ['#/me/password', '#new-password'],
  'sign-ins': ['#/me/sessions', '.sign-ins'],
  'first run': ['#/first-run/bzfr_unknown', '#password'],
};

for (const [theme, width] of [['light', 1280], ['dark', 1280], ['light', 360], ['dark', 360]]) {
  describe(`${theme}, ${width} px`, () => {
    let page;
    before(async () => {
      page = await openAs(browser, server, BOSS, '#/workshop', { theme, width });
    });
    after(() => page?.context().close());
    for (const [name, [hash, ready, then]] of Object.entries(shown)) {
      test(name, async () => {
        await page.goto('about:blank');
        await page.goto(`/app/${hash ?? `#/workshop/clients/${client.clientId}`}`);
        await page.locator(ready).first().waitFor();
        await then?.(page);
        if (then) await page.locator('dialog[open], .once').first().waitFor();
        await keep(page, `${name}-${theme}-${width}`);
        const faults = await violations(page);
        if (await scrollsSideways(page)) faults.push('it scrolls sideways');
        assert.deepEqual([...faults, ...page.noted], []);
      });
    }
  });
}

test('every section has a picture of its own', async () => {
  const page = await openAs(browser, server, BOSS, '#/workshop');
  await page.locator('.section-cards').waitFor();
  const icons = await page.locator('.section-cards svg').evaluateAll((all) => all.map((one) => one.innerHTML));
  assert.ok(icons.length > 8);
  assert.equal(new Set(icons).size, icons.length);
  await page.context().close();
});

test('in Dutch every section has Dutch words', async () => {
  const page = await openAs(browser, server, BOSS, '#/workshop', { locale: 'nl-NL' });
  for (const [hash, words] of [['workshop', 'Beheer'], ['workshop/workspaces', 'Domeinen en werkruimten'],
    ['workshop/people', 'Mensen en rollen'], ['workshop/clients', 'Clients en secrets'],
    ['workshop/health', 'Toestand en instellingen'], ['me/sessions', 'Aanmeldingen']]) {
    await page.goto(`/app/#/${hash}`);
    await page.getByRole('heading', { level: 1, name: words }).waitFor();
  }
  await page.context().close();
});

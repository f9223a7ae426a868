/* Mail in the Workshop: what waits, what fails, whom it does not reach, and an address that is tried again. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { refuse, startSmtp } from '../lib/mail.mjs';
import { until } from '../lib/program.mjs';
import { EXAMPLE, small } from '../lib/server.mjs';
import { openBrowser, scrollsSideways } from './browser.mjs';
import { BOSS, MANAGER, asBoss, openAs, startWorkshop, toast, violations } from './workshop.mjs';

const ANN = { email: 'ann@example.com', role: 'member', domain: 'EXA-CON-BUS' };

let smtp;
let server;
let browser;
before(async () => {
  smtp = await startSmtp({ hideSTARTTLS: true });
  smtp.recipient = (to) =>
    to === ANN.email ? refuse(550, '5.1.1 No <b>such</b> user') : refuse(451, `4.7.1 Greylisted${'x'.repeat(100)}`);
  server = await startWorkshop({ users: [EXAMPLE, MANAGER, BOSS, ANN], args: ['--mail-url',
    `smtp://127.0.0.1:${smtp.port}`, '--mail-from', 'bzctrl@mail.example', '--mail-tls', 'none',
    '--mail-gather-seconds', '1'] });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await smtp?.stop();
});

test('an administrator sees what fails and whom mail does not reach, and has an address tried again', async () => {
  const page = await openAs(browser, server, BOSS, '#/workshop/health', { width: 360, height: 740 });
  await page.getByText('All is well.').waitFor();
  for (const { email } of [ANN, MANAGER]) await server.createAndRead(small({ assignee: email }));
  await until(async () => (await asBoss(server, 'GET', '/mail')).failing.length === 1, 'the refusal for now');
  await until(async () => (await asBoss(server, 'GET', '/mail/addresses')).items.length === 1, 'the suspension');
  await page.getByRole('button', { name: 'Refresh' }).click();
  await page.getByText('Some mail does not arrive').waitFor();
  const failing = page.getByRole('list', { name: 'Mail that fails' }).getByRole('listitem');
  await failing.filter({ hasText: MANAGER.email }).filter({ hasText: '451 4.7.1 Greylisted' }).waitFor();
  const address = page.getByRole('list', { name: 'Addresses that mail does not reach' }).getByRole('listitem');
  await address.filter({ hasText: ANN.email }).filter({ hasText: '550 5.1.1 No <b>such</b> user' }).waitFor();
  assert.deepEqual(await violations(page), []);
  assert.equal(await scrollsSideways(page), false);
  await page.getByRole('button', { name: `Try again: ${ANN.email}` }).click();
  await toast(page, `Mail goes to ${ANN.email} again`).waitFor();
  await address.waitFor({ state: 'detached' });
  assert.deepEqual((await asBoss(server, 'GET', '/mail/addresses')).items, []);
  await page.context().close();
});

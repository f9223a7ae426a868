/*
 * Reports an incident with JavaScript's fetch: node report.mjs REPORT.json KEY
 *
 * BZCTRL_URL, CLIENT_ID and CLIENT_SECRET name the server and the client. Use the same KEY whenever you
 * send the same report, such as the number of your own record: then sending again is safe.
 */
import { readFileSync } from 'node:fs';

const { BZCTRL_URL, CLIENT_ID, CLIENT_SECRET } = process.env;
const [, , file, key] = process.argv;
const again = new Set([408, 425, 429]);
const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/* Returns the answer's JSON; retries after errors of the network or the server. */
async function post(path, headers, body) {
  for (const pause of [1, 2, 4, 8, 16, undefined]) {
    let wait = pause;
    try {
      const answer = await fetch(`${BZCTRL_URL}/bzctrl-core-api${path}`, {
        method: 'POST', headers, body, redirect: 'error', signal: AbortSignal.timeout(30_000),
      });
      if (answer.ok) return await answer.json();
      if (answer.status < 500 && !again.has(answer.status)) {
        console.error(await answer.text());
        process.exit(65);
      }
      wait &&= Number(answer.headers.get('retry-after')) || wait;
    } catch {
      /* no answer, or an incomplete one */
    }
    if (wait === undefined) break;
    await sleep(wait);
  }
  console.error('not acknowledged; run it again with the same key');
  process.exit(75);
}

const basic = Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64');
const { access_token: token } = await post(
  '/oauth/token', { authorization: `Basic ${basic}` }, new URLSearchParams({ grant_type: 'client_credentials' }),
);
const { taskLink } = await post(
  '/api/v1/task/add-task',
  { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': `"${key}"` },
  readFileSync(file),
);
console.log(taskLink);

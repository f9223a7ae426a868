/*
 * Receives webhooks and writes down which records are closed, each in a line: KEY STATUS.
 *
 *   WEBHOOK_SECRET=whsec_… node receiver.mjs PORT FILE
 *
 * It verifies the signature as https://www.standardwebhooks.com says, refuses what is older than five minutes,
 * and does nothing twice: a delivery that is sent again has the same id. It answers 2xx once the line is written.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [port, file] = process.argv.slice(2);
const key = Buffer.from(process.env.WEBHOOK_SECRET.replace('whsec_', ''), 'base64');
const done = new Set(existsSync(`${file}.ids`) ? readFileSync(`${file}.ids`, 'utf8').split('\n') : []);

function isGenuine({ 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures = '' }, body) {
  if (Math.abs(Date.now() / 1000 - Number(at)) > 300) return false;
  const wanted = createHmac('sha256', key).update(`${id}.${at}.`).update(body).digest();
  return signatures.split(' ').some((signature) => {
    const sent = Buffer.from(signature.replace('v1,', ''), 'base64');
    return sent.length === wanted.length && timingSafeEqual(sent, wanted);
  });
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const id = request.headers['webhook-id'];
  if (!isGenuine(request.headers, body)) return response.writeHead(400).end('the signature is wrong');
  if (!done.has(id)) {
    const { type, data } = JSON.parse(body);
    if (type === 'task.closed') appendFileSync(file, `${data.key} ${data.status}\n`);
    appendFileSync(`${file}.ids`, `${id}\n`);
    done.add(id);
  }
  return response.writeHead(204).end();
});
server.listen(Number(port), '127.0.0.1', () => console.log(`listening on ${server.address().port}`));

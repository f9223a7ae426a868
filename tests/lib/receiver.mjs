/*
 * A receiver of webhooks on the loopback, which verifies every delivery with the package
 * standardwebhooks, and answers as a test wants.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { until } from './program.mjs';

/** The setting that lets a server call it. */
export const ALLOW = ['--webhook-allow', '127.0.0.0/8'];

export async function startReceiver(address = '127.0.0.1', port = 0) {
  const receiver = new Receiver();
  await new Promise((resolve) => { receiver.http.listen(port, address, resolve); });
  receiver.url = `http://${address}:${receiver.http.address().port}/hook`;
  return receiver;
}

class Receiver {
  secrets = []; /* each has to fit; none: nothing is verified */
  deliveries = [];
  faults = [];
  /** (delivery, response) → how it is answered; the n-th of this receiver has index n. */
  answer = (_, response) => response.writeHead(204).end();
  http = createServer((request, response) => this.take(request, response));

  async take(request, response) {
    const chunks = [];
    request.on('error', () => {});
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks).toString('utf8');
    const { headers, method, url } = request;
    try {
      for (const secret of this.secrets) new Webhook(secret).verify(raw, headers);
      assert.equal(method, 'POST');
      assert.equal(headers['content-type'], 'application/json');
    } catch (error) {
      this.faults.push(error);
    }
    const delivery = { id: headers['webhook-id'], at: Number(headers['webhook-timestamp']), raw, headers, url,
      body: JSON.parse(raw), index: this.deliveries.length };
    this.deliveries.push(delivery);
    response.on('error', () => {});
    this.answer(delivery, response);
  }

  /** Waits until n deliveries have come, and returns them. */
  async expect(n) {
    await until(() => this.deliveries.length >= n, `${n} deliveries`);
    assert.deepEqual(this.faults, []);
    return this.deliveries.slice(0, n);
  }

  async stop() {
    this.http.closeAllConnections();
    await new Promise((resolve) => { this.http.close(resolve); });
    assert.deepEqual(this.faults, []);
  }
}

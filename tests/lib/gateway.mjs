/*
 * An HTTP proxy that stands before a server and judges each request: `judge({method, path, body})` is
 * undefined for one that passes, an answer of its own {status, type, body, headers}, or 'cut' for a
 * connection that is cut. What came through is counted in `seen`, as {path, size, verdict}.
 */
import { once } from 'node:events';
import http from 'node:http';

const HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host']);
const passed = (headers) => Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP.has(name)));

export const html = (status, text = 'Blocked') =>
  ({ status, type: 'text/html', body: `<html><h1>${text}</h1></html>` });

export async function startGateway(target, judge = () => undefined) {
  const gateway = { seen: [], judge };
  const to = new URL(target);

  function forward(request, body, response) {
    const onward = http.request({ host: to.hostname, port: to.port, method: request.method, path: request.url,
        headers: { ...passed(request.headers), host: request.headers.host, 'content-length': body.length } },
            (answer) => {
      response.writeHead(answer.statusCode, passed(answer.headers));
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    onward.end(body);
  }

  const server = http.createServer((request, response) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('error', () => {});
    request.on('end', () => {
      const body = Buffer.concat(pieces);
      const path = request.url.replace(/^\/bzctrl-core-api(\/api\/v1)?/, '');
      const verdict = gateway.judge({ method: request.method, path, body: body.toString() });
      gateway.seen.push({ path, size: body.length, verdict: verdict?.status ?? verdict ?? 'pass' });
      if (verdict === 'cut') request.socket.resetAndDestroy();
      else if (verdict)
        response.writeHead(verdict.status,
          { ...(verdict.type && { 'content-type': verdict.type }), ...verdict.headers }).end(verdict.body);
      else forward(request, body, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  gateway.url = `http://127.0.0.1:${server.address().port}`;
  gateway.stop = () => {
    server.close();
    server.closeAllConnections();
  };
  /** Of what was seen since the last time, the reports. */
  gateway.reports = () => gateway.seen.splice(0).filter(({ path }) => path.startsWith('/task/'));
  return gateway;
}

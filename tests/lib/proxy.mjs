/*
 * A TCP proxy that does what networks do. `choose()` says for each request that comes through what
 * becomes of it:
 *   pass       nothing
 *   refuse     the connection is cut at once
 *   before     cut before the server has read the request
 *   after      the server has read the request, and the answer is lost
 *   truncate   half of the answer arrives
 *   repeat     the answer arrives twice
 *   delay      it takes a while
 */
import { once } from 'node:events';
import net from 'node:net';

export const TROUBLES = ['refuse', 'before', 'after', 'truncate', 'repeat', 'delay'];

export async function startProxy(target, choose = () => 'pass') {
  const sockets = new Set();
  const proxy = net.createServer((client) => {
    const what = choose();
    sockets.add(client);
    client.on('error', () => {});
    client.on('close', () => sockets.delete(client));
    if (what === 'refuse') {
      client.resetAndDestroy();
      return;
    }
    let action = what;
    const server = net.connect(target);
    sockets.add(server);
    server.on('error', () => client.destroy());
    server.on('close', () => {
      sockets.delete(server);
      client.end();
    });
    client.on('close', () => server.destroy());
    let first = true;
    client.on('data', (data) => {
      if (!first) action = choose(); /* a further request on the same connection */
      first = false;
      if (action === 'before' || action === 'refuse') client.resetAndDestroy();
      else if (action === 'delay') setTimeout(() => server.write(data), 30);
      else server.write(data);
    });
    server.on('data', (data) => {
      if (action === 'after') client.resetAndDestroy();
      else if (action === 'truncate') client.end(data.subarray(0, data.length >> 1));
      else {
        client.write(data);
        if (action === 'repeat') client.write(data);
      }
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  proxy.unref();
  return {
    url: `http://127.0.0.1:${proxy.address().port}`,
    stop() {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

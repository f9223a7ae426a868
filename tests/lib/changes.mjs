/*
 * Reads the change feed: pages up to now, and streams of events (Server-Sent Events).
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import { until } from './program.mjs';
import { API } from './server.mjs';

export const CHANGES = `${API}/changes`;

/** Everything from a cursor on (absent: from the beginning), page by page, up to now. */
export async function readAll(server, { as, token, cursor, query = {} } = {}) {
  const items = [];
  for (;;) {
    const parameters = new URLSearchParams({ limit: '200', ...query, ...(cursor ? { cursor } : {}) });
    const answer =
      await server.request('GET', `${CHANGES}?${parameters}`, { token: token ?? (await server.token(as)) });
    assert.equal(answer.status, 200, answer.text);
    items.push(...answer.json.items);
    const moved = answer.json.next !== cursor;
    cursor = answer.json.next;
    if (answer.json.items.length === 0 || !moved) return { items, next: cursor };
  }
}

/** A stream of events: {events, comments, id, retry, ended, status}, filled as they come. */
export async function listen(server, { as, token, query = '', lastEventId, agent = new http.Agent() } = {}) {
  const bearer = token ?? (await server.token(as));
  const stream = { events: [], comments: 0, id: undefined, retry: undefined, ended: undefined, text: '' };
  const headers = {
    authorization: `Bearer ${bearer}`, accept: 'text/event-stream',
    ...(lastEventId ? { 'last-event-id': lastEventId } : {}),
  };
  await new Promise((resolve, reject) => {
    stream.request = http.get(`${server.url}${CHANGES}${query}`, { headers, agent }, (response) => {
      let rest = '';
      stream.response = response;
      stream.status = response.statusCode;
      stream.headers = response.headers;
      response.setEncoding('utf8');
      response.on('data', (data) => {
        stream.text += data;
        rest += data;
        for (let end; (end = rest.indexOf('\n\n')) >= 0; rest = rest.slice(end + 2))
          takeBlock(stream, rest.slice(0, end));
      });
      response.on('end', () => {
        stream.ended = 'end';
      });
      response.on('error', () => {
        stream.ended ??= 'cut';
      });
      response.on('close', () => {
        stream.ended ??= 'cut';
      });
      resolve();
    });
    stream.request.on('error', (error) => {
      stream.ended ??= 'cut';
      reject(error);
    });
  });
  stream.close = () => stream.request.destroy();
  /* Waits until there are so many events. */
  stream.has = (n) => until(() => stream.events.length >= n, `${n} events; there are ${stream.events.length}`);
  stream.over = () => until(() => stream.ended !== undefined, 'the end of the stream');
  return stream;
}

function takeBlock(stream, block) {
  let data;
  let event;
  for (const line of block.split('\n')) {
    const [, name, value] = /^([a-z]*):\s?(.*)$/.exec(line) ?? assert.fail(`not a line of an event stream: ${line}`);
    if (name === '') stream.comments++;
    else if (name === 'id') stream.id = value;
    else if (name === 'retry') stream.retry = Number(value);
    else if (name === 'event') event = value;
    else if (name === 'data') data = value;
    else assert.fail(`an unknown field: ${line}`);
  }
  if (data === undefined) return;
  const item = JSON.parse(data);
  assert.equal(event, item.action);
  stream.events.push({ ...item, id: stream.id });
}

/*
 * Records as the tests of changes make, read and patch them.
 */
import assert from 'node:assert/strict';
import { API, EXAMPLE, small } from './server.mjs';

export const urlOf = (record) => `${API}/tasks/${record.key}`;

/** The helpers for a server that has started. A patch is against the version of the record that was read, unless
 * `match` says which; none is sent for null. */
export function recordsOf(server, { match: standard = (record) => `"${record.version}"` } = {}) {
  const create = (changes = {}, options) => server.createAndRead(small(changes), options);
  const read = async (record, as = EXAMPLE.email) => (await server.get(urlOf(record), { as })).json;

  const patch = (record, body, { as = EXAMPLE.email, match = standard(record), query = '', headers = {} } = {}) =>
    server.send(as, 'PATCH', `${urlOf(record)}${query}`, body, {
      headers: { 'content-type': 'application/merge-patch+json', ...(match ? { 'if-match': match } : {}), ...headers },
    });

  /** The record as it is after a patch that is accepted. */
  const patched = async (record, body, options) => {
    const answer = await patch(record, body, options);
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  };

  /** "/pointer code" of each fault of a patch that is refused. */
  const faults = async (record, body, options) => {
    const answer = await patch(record, body, options);
    assert.equal(answer.status, 422, answer.text);
    return answer.json.errors.map(({ pointer, code }) => `${pointer} ${code}`);
  };

  return { create, read, patch, patched, faults };
}

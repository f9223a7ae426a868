/*
 * doc/history.md, "Links": folds what the events of each record say of its links, and compares that with what is
 * stored. A part of the second verifier (verify_history.mjs), which does not share a line with the first.
 */
const INVERSE = { relates: 'relates', duplicates: 'duplicatedBy', duplicatedBy: 'duplicates', causedBy: 'causes',
  causes: 'causedBy' };
const KINDS = [, 'relates', 'duplicates', 'duplicatedBy', 'causedBy', 'causes'];

export const LINKS = `SELECT CAST(task_id AS TEXT) AS task_id, CAST(other_id AS TEXT) AS other_id, kind, seq,
  ended_seq FROM task_link ORDER BY task_id, seq`;

export class LinkFold {
  #keys = new Map(); /* each key that a record has or had → its id */
  #events = new Map(); /* id → what its events say */
  #erased = new Set(); /* records of which an event is erased: what that said is not known */

  /** Takes the next event of a record, decoded. */
  add({ task_id: id, key, payload, seq }) {
    if (id === null) return;
    this.#keys.set(key, id);
    if (payload === null) this.#erased.add(id);
    const { link } = payload === null ? {} : JSON.parse(payload);
    if (link) this.#events.set(id, [...(this.#events.get(id) ?? []), { seq, link }]);
  }

  /** Compares it with the rows of task_link; `broken` throws. */
  check(rows, broken) {
    const stored = new Map();
    const side = (kind, other) => `${kind} ${other}`;
    for (const { task_id: id, other_id: other, kind, seq, ended_seq: ended } of rows) {
      if (!stored.has(id)) stored.set(id, { now: new Set(), events: new Set() });
      stored.get(id).events.add(seq);
      if (ended !== null) stored.get(id).events.add(ended);
      else stored.get(id).now.add(side(KINDS[kind], other));
    }
    for (const id of new Set([...stored.keys(), ...this.#events.keys()])) {
      const { now, events } = stored.get(id) ?? { now: new Set(), events: new Set() };
      const said = new Set();
      for (const { seq, link: [before, after] } of this.#events.get(id) ?? []) {
        if (!events.has(seq)) broken(`record ${id}: the link of its event ${seq} is gone`);
        const { kind, key } = after ?? before;
        const text = side(kind, this.#keys.get(key));
        if (after) said.add(text);
        else if (!said.delete(text)) broken(`record ${id}: event ${seq} removes a link that is not there`);
      }
      const same = said.size === now.size && [...said].every((text) => now.has(text));
      if (!same && !this.#erased.has(id)) broken(`record ${id}: its links are not what its events say`);
      for (const text of now) {
        const [kind, other] = text.split(' ');
        if (!stored.get(other)?.now.has(side(INVERSE[kind], id))) broken(`record ${id}: ${other} lacks the link`);
      }
    }
  }
}

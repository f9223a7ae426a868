/*
 * The arrows between the rooms (ARCHITECTURE.md): a file of src/ includes its own room, the rooms
 * that its room may call, and nothing else of the project. Each room's meson.build links no more.
 */
import { eachMatch, files, finding, finish, bare, read } from './source.mjs';

const direct = {
  base: [],
  json: ['base'],
  model: ['json', 'base'],
  form: ['model'],
  evidence: ['model', 'json'],
  db: ['base'],
  store: ['model', 'db'],
  core: ['store', 'form'],
  http: ['base', 'json'],
  api: ['core', 'http', 'json', 'evidence', 'oidc', 'mail'],
  follow: ['core'],
  hook: ['core', 'fetch'],
  jobs: ['core', 'oidc', 'mail'],
  oidc: ['model', 'json', 'fetch'],
  mail: ['model', 'base', 'fetch'],
  tool: ['base'],
  admin: ['core', 'tool', 'mail'],
  daemon: ['admin', 'api', 'follow', 'hook', 'jobs', 'fetch', 'oidc', 'mail'],
  fetch: ['base'],
  lib: ['json', 'fetch'],
  cli: ['json', 'tool', 'evidence'],
};

function reach(room, seen = new Set([room])) {
  for (const next of direct[room])
    if (!seen.has(next)) {
      seen.add(next);
      reach(next, seen);
    }
  return seen;
}

/* Only these may know an outside library: what is behind a room's door stays there. */
const libraries = [
  { header: /^sqlite3\.h$/, rooms: ['db', 'lib'] },
  { header: /^curl\//, rooms: ['fetch', 'mail'] },
  { header: /^libpq/, rooms: ['db'] },
  { header: /^openssl\//, rooms: ['base'] },
  { header: /^(jose\/|jansson)/, rooms: ['oidc'] },
  { header: /^uv\.h$/, rooms: ['http', 'daemon'] },
  { header: /^ini\.h$/, rooms: ['admin'] },
  { header: /^systemd\//, rooms: ['daemon'] },
  { header: /^glib/, rooms: ['model'] },
  { header: /^zlib\.h$/, rooms: ['api', 'evidence'] },
];

for (const file of files('src/*.c', 'src/*.h', 'src/*.def')) {
  const room = file.split('/')[1];
  if (direct[room] === undefined) {
    finding(file, 1, `the room "${room}" is not in tests/check/includes.mjs`);
    continue;
  }
  const allowed = reach(room);
  const text = bare(read(file), { literals: true });
  eachMatch(text, /^[ \t]*#[ \t]*include[ \t]*"([^"]+)"/gm, ([, header], line) => {
    const [to] = header.split('/');
    if (!header.includes('/')) finding(file, line, `"${header}" must be named with its room`);
    else if (to === 'bzctrl' && (room === 'lib' || room === 'cli')) return;
    else if (!allowed.has(to)) finding(file, line, `${room} must not know "${header}"`);
  });
  eachMatch(text, /^[ \t]*#[ \t]*include[ \t]*<([^>]+)>/gm, ([, header], line) => {
    const library = libraries.find((l) => l.header.test(header));
    if (library && !library.rooms.includes(room))
      finding(file, line, `<${header}> belongs to ${library.rooms.map((r) => `src/${r}`).join(' and ')}`);
  });
}
finish();

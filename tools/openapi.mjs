// The contract as JSON, which the server serves: openapi.mjs IN.yaml OUT.json
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// `yaml` is pinned by the lock file of the web app, which is built before the server.
const require = createRequire(new URL('../web/package.json', import.meta.url));
const { parse } = require('yaml');

const [from, to] = process.argv.slice(2);
if (to === undefined) {
  console.error('usage: openapi.mjs IN.yaml OUT.json');
  process.exit(64);
}
writeFileSync(to, JSON.stringify(parse(readFileSync(from, 'utf8'))) + '\n');

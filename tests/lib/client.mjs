/*
 * The command `bzctrl` as somebody has set it up: a home of its own with a profile, a secret and an
 * outbox.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bzctrld, makeFolder, patience, run } from './program.mjs';
import { EXAMPLE, WORKSPACE } from './server.mjs';

export const bzctrl = path.join(path.dirname(bzctrld), 'bzctrl');
export const shim = (name) => path.join(path.dirname(bzctrld), `tests/fault/${name}.so`);

export class Client {
  /** `settings` go into the profile beside what signs in as the source document's account. */
  constructor(url, settings = {}) {
    this.home = makeFolder();
    this.config = path.join(this.home, '.config/bzctrl/config');
    this.secret = path.join(this.home, 'secret');
    this.outbox = path.join(this.home, '.local/state/bzctrl/prod.outbox');
    this.settings = {
      url, username: EXAMPLE.email, 'secret-file': this.secret, workspace: WORKSPACE, reporter: EXAMPLE.email, wait: 5,
      ...settings,
    };
    mkdirSync(path.dirname(this.config), { recursive: true });
    writeFileSync(this.secret, `${EXAMPLE.password}\n`);
    chmodSync(this.secret, 0o600);
    this.write();
  }

  write() {
    const lines = Object.entries(this.settings).filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name} = ${value}`);
    writeFileSync(this.config, `profile = prod\n\n[prod]\n${lines.join('\n')}\n`);
  }

  get env() {
    return { HOME: this.home, XDG_CONFIG_HOME: '', XDG_STATE_HOME: '', NO_COLOR: '1' };
  }

  /** Runs `bzctrl …` to its end: {code, signal, stdout, stderr}. */
  run(args, { env = {}, wrapper = [], ...options } = {}) {
    const words = [...wrapper, bzctrl, ...args];
    return run(words[0], words.slice(1),
      { env: { ...this.env, ...env }, cwd: this.home, timeout: 120_000 * patience, ...options });
  }

  /** Flags of a small report, in words. */
  static report(title, more = []) {
    return ['report', '--todo-type', 'INCIDENT', '--title', title, '--description', 'D', '--order-id', 'O 1', ...more];
  }

  report(title, more = [], options = {}) {
    return this.run(Client.report(title, more), options);
  }
}

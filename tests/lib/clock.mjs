/* A clock of servers that a test moves while they run. */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { shim } from './client.mjs';
import { makeFolder } from './program.mjs';

/** {env, set}: the environment of servers whose clock is this machine's and as many seconds as set() was given last. */
export function makeClock() {
  const file = path.join(makeFolder(), 'clock');
  writeFileSync(file, Buffer.alloc(8));
  const set = (seconds) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(Math.round(seconds)));
    /* In its place: the servers have it mapped, so it must never be shorter. */
    const opened = openSync(file, 'r+');
    writeSync(opened, bytes, 0, 8, 0);
    closeSync(opened);
  };
  return { env: { LD_PRELOAD: shim('shift_clock'), BZCTRL_SHIFT_FILE: file }, set };
}

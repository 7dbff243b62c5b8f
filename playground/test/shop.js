// The program on an embedded database of its own, with the demo shop.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = resolve(process.env.PROGRAM ?? '../target/debug/storefront');
const DEADLINE_MS = 60_000;

/** Starts the program on a free port, and waits until it serves: the address of its page, and the staff key that it made. */
export async function open() {
  const folder = await mkdtemp(join(tmpdir(), 'storefront-playground-'));
  const program = spawn(PROGRAM, {
    cwd: folder,
    env: { STOREFRONT_PORT: '0', STOREFRONT_LOG: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(program, 'exit');
  const giveUp = setTimeout(() => program.kill('SIGKILL'), DEADLINE_MS);
  const stop = async () => {
    program.kill('SIGTERM');
    await ended.finally(() => rm(folder, { recursive: true }));
  };

  let printed = '';
  for await (const line of createInterface(program.stdout)) {
    printed += `${line}\n`;
    const page = /^ *GraphiQL +(\S+)/m.exec(printed)?.[1];
    const staffKey = /^ *Staff key (\S+)/m.exec(printed)?.[1];
    if (page && staffKey) {
      clearTimeout(giveUp);
      program.stdout.resume();
      return { page, staffKey, stop };
    }
  }
  clearTimeout(giveUp);
  await stop();
  throw new Error(`${PROGRAM} does not serve; it printed: ${printed}`);
}

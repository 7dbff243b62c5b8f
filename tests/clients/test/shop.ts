// The program on an embedded database of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const PROGRAM = resolve(process.env['PROGRAM'] ?? '../../target/debug/storefront');
const DEADLINE_MS = 60_000;

export interface Shop {
  endpoint: string;
  staff: Record<string, string>;
  stop(): Promise<void>;
}

/** Starts the program on a free port with the demo shop, and waits until it serves. */
export async function open(settings: Record<string, string> = {}): Promise<Shop> {
  const folder = await mkdtemp(join(tmpdir(), 'storefront-clients-'));
  const program = spawn(PROGRAM, {
    cwd: folder,
    env: { STOREFRONT_PORT: '0', STOREFRONT_LOG: 'warn', ...settings },
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
    const endpoint = /^ *GraphQL +(\S+)/m.exec(printed)?.[1];
    const key = /^ *Staff key (\S+)/m.exec(printed)?.[1];
    if (endpoint && key) {
      clearTimeout(giveUp);
      program.stdout.resume();
      return { endpoint, staff: { 'x-storefront-staff-key': key }, stop };
    }
  }
  clearTimeout(giveUp);
  await stop();
  throw new Error(`${PROGRAM} does not serve; it printed: ${printed}`);
}

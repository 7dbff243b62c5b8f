// The walk of the README, from a CSV to a typed query: its files and its commands, as they are printed there.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { blocks as blocksOf } from './readme.js';
import { open, PROGRAM } from './shop.js';

const run = promisify(execFile);

const blocks = (language: string) => blocksOf('From a CSV to a typed query', language);

test('the walk from a CSV to a typed query leads there', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'storefront-walk-'));
  context.after(() => rm(folder, { recursive: true }));
  const [csv] = await blocks('csv');
  const [codegen, shelf] = await blocks('ts');
  const [printed] = await blocks('text');
  const [serve, , build] = await blocks('sh');
  assert.ok(csv && codegen && shelf && printed && serve && build);

  const inFolder = async (program: string, args: string[]) =>
    run(program, args, { cwd: folder, env: { ...process.env, DATABASE_URL: 'sqlite://walk.db' } });
  await writeFile(join(folder, 'products.csv'), csv);
  const commands = serve.split('\n').filter((line) => line.startsWith('cargo run -- '));
  assert.equal(commands.length, 2);
  for (const command of commands) {
    await inFolder(PROGRAM, command.split(' ').slice(3));
  }
  const shop = await open({ DATABASE_URL: `sqlite://${join(folder, 'walk.db')}` });
  context.after(() => shop.stop());

  const here = (text: string) => text.replaceAll('http://127.0.0.1:8000/graphql', shop.endpoint);
  await writeFile(join(folder, 'codegen.ts'), here(codegen));
  await writeFile(join(folder, 'shelf.ts'), here(shelf));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  let told = '';
  for (const command of build.trim().split('\n')) {
    const [program = '', ...args] = command.split(' ');
    told = await inFolder(program, args).then(
      ({ stdout }) => stdout,
      ({ stdout, stderr }) => assert.fail(`${command}: ${stdout}${stderr}`),
    );
  }

  assert.equal(told, printed);
});

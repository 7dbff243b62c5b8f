// What the README shows, as it is printed there.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

/** The blocks of one language in a section. */
export async function blocks(heading: string, language: string): Promise<string[]> {
  const readme = await readFile('../../README.md', 'utf8');
  const section = readme.split('\n## ').find((section) => section.startsWith(`${heading}\n`));
  assert.ok(section, heading);
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);
}

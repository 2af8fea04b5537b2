import { readFileSync } from 'node:fs';
import type { CommandArguments } from './command-arguments.ts';
import { wantsJson, writeJson } from './output.ts';

/** The version in the package's own package.json, which lies two folders up from here. */
export async function version(given: CommandArguments): Promise<number> {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version: number } = JSON.parse(text) as { version: string };
  if (wantsJson(given)) await writeJson({ millrace: number, node: process.version });
  else process.stdout.write(`millrace ${number} (node ${process.version})\n`);
  return 0;
}

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { CommandArguments } from './command-arguments.ts';
import { wantsJson, write, writeJson } from './output.ts';

/** The version in the package's own package.json, wherever in the package this file came to lie. */
export async function version(given: CommandArguments): Promise<number> {
  const path = createRequire(import.meta.url).resolve('millrace/package.json');
  const { version: number } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  if (wantsJson(given)) await writeJson({ millrace: number, node: process.version });
  else await write(`millrace ${number} (node ${process.version})\n`);
  return 0;
}

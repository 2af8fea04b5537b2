/** Turns the profiles that V8 wrote, a folder for each kind of process, into a page. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CpuProfile, callTree } from './call-tree.ts';
import { type Flame, flamePage } from './flame-page.ts';

/** A thread that did next to nothing is not drawn. */
const LEAST_US = 10_000;

/** Resolves to the path of the page; undefined where nothing was profiled. */
export async function writeFlames(
  profiles: string,
  page: { readonly folder: string; readonly title: string; readonly source: string },
): Promise<string | undefined> {
  const flames: Flame[] = [];
  for (const entry of await readdir(profiles, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.cpuprofile')) continue;
    const path = join(entry.parentPath, entry.name);
    const root = callTree(JSON.parse(await readFile(path, 'utf8')) as CpuProfile);
    if (root.us < LEAST_US) continue;
    flames.push({ title: titleOf(entry.parentPath, entry.name), root });
  }
  if (flames.length === 0) return undefined;
  flames.sort((one, other) => other.root.us - one.root.us);
  await mkdir(page.folder, { recursive: true });
  const path = join(page.folder, `flame-${page.title.replaceAll(/[^a-z0-9]+/gi, '-')}.html`);
  await writeFile(path, flamePage(page.title, page.source, flames));
  return path;
}

/** V8 names them CPU.date.time.process.thread.number. */
function titleOf(folder: string, name: string): string {
  const [, , , process, thread] = name.split('.');
  const kind = folder.split('/').at(-1);
  return `${kind}, process ${process}, thread ${thread}`;
}

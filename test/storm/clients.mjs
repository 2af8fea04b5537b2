/** The programs that play the members, each with a real client; installed as conformance's are. */
import { cp, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installed } from '../conformance/lib/cache.mjs';
import { mustExecute } from '../conformance/lib/process.mjs';
import { needs, node } from '../conformance/lib/toolchains.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const BUILD_MS = 600_000;

async function franzGo() {
  needs('go');
  const from = join(HERE, 'franz-go');
  const names = ['go.mod', 'go.sum', 'main.go'];
  const texts = await Promise.all(names.map((name) => readFile(join(from, name), 'utf8')));
  const folder = await installed('storm-franz-go', texts, async (at) => {
    const env = { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' };
    const args = ['build', '-o', join(at, 'members'), '.'];
    await mustExecute('go', args, { cwd: from, env, timeoutMs: BUILD_MS });
  });
  return [join(folder, 'members')];
}

async function kafkaJs() {
  const { folder } = await node();
  const program = join(folder, 'storm.mjs');
  await cp(join(HERE, 'kafkajs.mjs'), program);
  return [process.execPath, program];
}

/** A row for each storm: client, group protocol, how to get its program. */
export const STORMS = [
  { client: 'franz-go', protocol: 'classic', command: franzGo },
  { client: 'franz-go', protocol: 'consumer', command: franzGo },
  { client: 'franz-go', protocol: 'mixed', command: franzGo },
  { client: 'kafkajs', protocol: 'classic', command: kafkaJs },
];

/**
 * How long `npx millrace serve` takes to its ready line, from an empty npm cache and again. A registry
 * on loopback knows the packed millrace, as npm would if this clone were published. It sends npm to
 * the real one for everything else.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { mustExecute } from '../conformance/lib/process.mjs';

const READY = /^millrace ready .* in (\d+) ms$/m;
const START_MS_MAX = 60_000;

/** The package as the registry describes it, without the address of its tarball. */
async function describe(tarball) {
  const bytes = await readFile(tarball);
  const { stdout } = await mustExecute('tar', ['-xzOf', tarball, 'package/package.json']);
  const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  return { bytes, manifest: JSON.parse(stdout), integrity };
}

async function openRegistry(tarball, elsewhere) {
  const { bytes, manifest, integrity } = await describe(tarball);
  const { name, version } = manifest;
  const server = createServer(({ url, headers }, response) => {
    if (url === `/${name}`) {
      const dist = { tarball: `http://${headers.host}/${name}.tgz`, integrity };
      const versions = { [version]: { ...manifest, dist } };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions }));
    } else if (url === `/${name}.tgz`) {
      response.end(bytes);
    } else {
      response.writeHead(302, { location: new URL(url.slice(1), elsewhere).href }).end();
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

/** Milliseconds until the ready line, and those of them that were millrace's own. */
async function start(folder, environment, words) {
  const startedMs = performance.now();
  const options = { cwd: folder, env: environment, detached: true };
  const child = spawn('npm', words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const giveUp = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), START_MS_MAX);
  let said = '';
  try {
    const readyMs = await new Promise((resolve, reject) => {
      const hear = (text) => {
        said += text;
        if (READY.test(said)) resolve(performance.now() - startedMs);
      };
      child.stdout.setEncoding('utf8').on('data', hear);
      child.stderr.setEncoding('utf8').on('data', hear);
      child.once('close', () => reject(new Error(`npx ended before millrace was ready: ${said}`)));
    });
    process.kill(-child.pid, 'SIGTERM');
    return { readyMs, ownMs: Number(READY.exec(said)[1]) };
  } finally {
    await ended;
    clearTimeout(giveUp);
  }
}

/** The first start from an empty cache, and the median of those after it. */
export async function measureFirstStart(matrix, repeats) {
  const folder = await matrix.folder('first-start');
  const elsewhere = (await matrix.npm(folder, ['config', 'get', 'registry'])).trim();
  const server = await openRegistry(matrix.tarball, elsewhere);
  try {
    const registry = `http://127.0.0.1:${server.address().port}/`;
    const from = ['--registry', registry, '--cache', join(folder, '.npm')];
    const listeners = ['listeners=PLAINTEXT://127.0.0.1:0', 'millrace.http.listener=127.0.0.1:0'];
    const overrides = listeners.flatMap((each) => ['--override', each]);
    const words = ['exec', '--yes', ...from, '--', 'millrace', 'serve', ...overrides];
    const first = await start(folder, matrix.environment, words);
    const later = [];
    for (let i = 0; i < repeats; i++) later.push(await start(folder, matrix.environment, words));
    later.sort((a, b) => a.readyMs - b.readyMs);
    return { first, again: later[Math.floor(repeats / 2)] };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

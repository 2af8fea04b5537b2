/** Each way to install and run the package. A case throws what is wrong, or Unavailable. */
import { chmod, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { Unavailable } from '../conformance/lib/cache.mjs';
import { measureFirstStart } from './first-start.mjs';
import { asNobody, KAFKAJS, makeReadOnly, packFacade, weigh } from './lib.mjs';

const BYTES_MAX = 15_000_000;
const PACKAGES_MAX = 20;
const FIRST_START_MS_MAX = 5000;
const NEXT_START_MS_MAX = 1000;
const NEXT_STARTS = 5;
const [, KAFKAJS_VERSION] = KAFKAJS.split('@');

function manifestFor(matrix) {
  return { dependencies: { millrace: `file:${matrix.tarball}`, kafkajs: KAFKAJS_VERSION } };
}

async function npmAlone(matrix) {
  const folder = await matrix.folder('alone');
  await matrix.npm(folder, ['install', matrix.tarball]);
  const { bytes, packages } = await weigh(join(folder, 'node_modules'));
  const said = `${(bytes / 1e6).toFixed(1)} MB in ${packages} packages`;
  if (bytes > BYTES_MAX || packages > PACKAGES_MAX) throw new Error(said);
  await matrix.run(folder, 'npx', ['millrace', 'version']);
  return said;
}

async function firstStart(matrix) {
  const { first, again } = await measureFirstStart(matrix, NEXT_STARTS);
  const tell = ({ readyMs, ownMs }) => `${readyMs.toFixed(0)} ms, millrace's own ${ownMs}`;
  const said = `ready after ${tell(first)}; with the cache ${tell(again)}`;
  if (loadavg()[0] > availableParallelism()) return `${said}: not judged, the machine is busy`;
  const isSlow = first.readyMs > FIRST_START_MS_MAX || again.readyMs > NEXT_START_MS_MAX;
  if (isSlow) throw new Error(said);
  return said;
}

async function npm(matrix) {
  await matrix.roundTrip(await matrix.installed('npm'));
}

async function noScripts(matrix) {
  await matrix.roundTrip(await matrix.installed('no-scripts', {}, ['--ignore-scripts']));
}

async function noOptional(matrix) {
  await matrix.roundTrip(await matrix.installed('no-optional', {}, ['--omit=optional']));
}

async function portable(matrix) {
  await matrix.roundTrip(await matrix.installed('portable'), { MILLRACE_NATIVE: 'off' });
}

async function pnpm(matrix) {
  const modules = await matrix.tool('pnpm@10.34.8');
  const folder = await matrix.folder('pnpm', manifestFor(matrix));
  const words = [join(modules, 'pnpm/bin/pnpm.cjs'), 'install', '--store-dir', `${folder}/.store`];
  await matrix.run(folder, 'node', words, {}, 240_000);
  await matrix.roundTrip(folder);
}

/** Yarn's settings come from its own file alone. */
async function yarn(matrix, linker) {
  const modules = await matrix.tool('@yarnpkg/cli-dist@4.18.1');
  const folder = await matrix.folder(`yarn-${linker}`, manifestFor(matrix));
  const registry = (await matrix.npm(folder, ['config', 'get', 'registry'])).trim();
  const settings = {
    nodeLinker: linker,
    npmRegistryServer: registry.replace(/\/$/, ''),
    enableTelemetry: false,
    enableImmutableInstalls: false,
    globalFolder: `${folder}/.yarn-global`,
    ...(registry.startsWith('http:') ? { unsafeHttpWhitelist: ['*'] } : {}),
  };
  // JSON is YAML.
  await writeFile(join(folder, '.yarnrc.yml'), JSON.stringify(settings));
  await writeFile(join(folder, 'yarn.lock'), '');
  const program = join(modules, '@yarnpkg/cli-dist/bin/yarn.js');
  await matrix.run(folder, 'node', [program, 'install'], {}, 240_000);
  const said = await matrix.run(folder, 'node', [program, 'node', 'main.mjs']);
  if (!said.includes('round trip done')) throw new Error(said);
}

async function bun(matrix) {
  const modules = await matrix.tool('bun@1.4.5');
  const program = join(modules, 'bun/bin/bun.exe');
  try {
    await matrix.run(matrix.scratch, program, ['--version']);
  } catch (error) {
    throw new Unavailable(`bun does not run here: ${error.message}`);
  }
  const folder = await matrix.folder('bun', manifestFor(matrix));
  const cache = { BUN_INSTALL_CACHE_DIR: `${folder}/.bun` };
  await matrix.run(folder, program, ['install'], cache, 240_000);
  await matrix.roundTrip(folder);
}

async function noCompiler(matrix) {
  const PATH = await matrix.barePath();
  const folder = await matrix.folder('no-compiler');
  await matrix.npm(folder, ['install', matrix.tarball, KAFKAJS], { PATH, CXX: undefined });
  await matrix.roundTrip(folder, { PATH });
}

async function readOnly(matrix) {
  const nobody = asNobody();
  const folder = await matrix.installed('read-only');
  await chmod(matrix.scratch, 0o755);
  await makeReadOnly(join(folder, 'node_modules'));
  try {
    const [program, ...words] = [...nobody, 'node', 'main.mjs'];
    const said = await matrix.run(folder, program, words, { HOME: '/nonexistent' });
    if (!said.includes('round trip done')) throw new Error(said);
  } finally {
    await matrix.run(matrix.scratch, 'chmod', ['-R', 'u+w', folder]);
  }
}

/** The package that the application installs has millrace as a dependency of its own. */
async function nested(matrix) {
  const outer = await matrix.folder('outer', {
    name: 'outer',
    exports: './outer.mjs',
    dependencies: { millrace: `file:${matrix.tarball}` },
  });
  await writeFile(join(outer, 'outer.mjs'), "export { startBroker } from 'millrace';\n");
  await matrix.npm(outer, ['pack']);
  const folder = await matrix.folder('nested');
  const flags = ['--install-strategy=nested'];
  await matrix.npm(folder, ['install', ...flags, join(outer, 'outer-1.0.0.tgz'), KAFKAJS]);
  await matrix.roundTrip(folder, { MODULE: 'outer' });
}

async function workers(matrix) {
  await matrix.roundTrip(await matrix.installed('workers'), {}, 'worker.mjs');
}

async function pools(matrix) {
  await matrix.roundTrip(await matrix.installed('pools'), {}, 'pools.mjs');
}

/** Without skipLibCheck: a declaration that is missing in the package is an error. */
async function types(matrix) {
  const folder = await matrix.folder('types');
  const packages = ['typescript@5.9.3', '@types/node@20.19.43', '@opentelemetry/api@1.9.1'];
  await matrix.npm(folder, ['install', matrix.tarball, ...packages]);
  const flags = '--noEmit --strict --module nodenext --target es2022 --types node'.split(' ');
  const libraries = ['--lib', 'es2023,esnext.disposable,dom'];
  await matrix.run(folder, 'npx', ['tsc', ...flags, ...libraries, 'types.ts'], {}, 120_000);
}

const TEST_FILES = 3;

/** Copies of one test file, which the runner runs side by side. */
async function withTests(matrix, name, text) {
  const folder = await matrix.installed(name);
  for (let i = 0; i < TEST_FILES; i++) {
    await writeFile(join(folder, `parallel-${i}.test.mjs`), text);
  }
  return folder;
}

async function nodeTest(matrix) {
  const text = "import './node.test.mjs';\n";
  const folder = await withTests(matrix, 'node-test', text);
  const files = Array.from({ length: TEST_FILES }, (_, i) => `parallel-${i}.test.mjs`);
  const said = await matrix.run(folder, 'node', ['--test', ...files]);
  if (!/pass 3\b/.test(said)) throw new Error(said);
}

async function vitest(matrix) {
  const folder = await withTests(matrix, 'vitest', "import './vitest.test.mjs';\n");
  await matrix.npm(folder, ['install', 'vitest@4.1.12']);
  for (const pool of ['forks', 'threads']) {
    const words = ['vitest', 'run', '--pool', pool, 'parallel-'];
    const said = await matrix.run(folder, 'npx', words);
    if (!/3 passed/.test(said) || /close timed out/.test(said)) throw new Error(said);
  }
}

async function jest(matrix) {
  const folder = await withTests(matrix, 'jest', "import './jest.test.mjs';\n");
  await matrix.npm(folder, ['install', 'jest@30.5.2']);
  const flags = ['--testMatch', '**/parallel-*.test.mjs', '--maxWorkers=2'];
  const options = { NODE_OPTIONS: '--experimental-vm-modules' };
  const said = await matrix.run(folder, 'npx', ['jest', ...flags], options, 120_000);
  if (!/3 passed/.test(said) || /did not exit|failed to exit/.test(said)) throw new Error(said);
}

async function esbuild(matrix) {
  const folder = await matrix.installed('esbuild');
  await matrix.npm(folder, ['install', 'esbuild@0.28.2']);
  const flags = ['--bundle', '--platform=node', '--format=esm', '--outfile=bundled.mjs'];
  const external = ['--external:millrace', '--external:kafkajs'];
  await matrix.run(folder, 'npx', ['esbuild', 'main.mjs', ...flags, ...external]);
  await matrix.roundTrip(folder, {}, 'bundled.mjs');
}

const OPENTELEMETRY = [
  '@opentelemetry/api@1.9.1',
  '@opentelemetry/sdk-trace-node@2.12.1',
  '@opentelemetry/sdk-metrics@2.12.1',
];

async function opentelemetry(matrix) {
  const folder = await matrix.installed('opentelemetry');
  await matrix.npm(folder, ['install', ...OPENTELEMETRY]);
  const said = await matrix.run(folder, 'node', ['opentelemetry.mjs']);
  if (!said.includes('traced')) throw new Error(said);
}

const NESTJS = [
  '@nestjs/common@11.2.10',
  '@nestjs/core@11.2.10',
  '@nestjs/microservices@11.2.6',
  'reflect-metadata@0.2.2',
  'rxjs@7.8.2',
];
/** Later ones do not run on Node 20. */
const KAFKAJS_INSTRUMENTATION = '@opentelemetry/instrumentation-kafkajs@0.17.0';

/** millrace-kafkajs under the name of kafkajs, which NestJS and OpenTelemetry `require`. */
async function kafkajsAlias(matrix) {
  const folder = await matrix.folder('kafkajs-alias');
  const tarball = await packFacade(matrix.scratch);
  const [api, traces] = OPENTELEMETRY;
  const packages = [...NESTJS, api, traces, KAFKAJS_INSTRUMENTATION];
  const alias = `kafkajs@file:${tarball}`;
  await matrix.npm(folder, ['install', matrix.tarball, alias, ...packages]);
  await matrix.roundTrip(folder, {}, 'nestjs-kafkajs.mjs');
}

/** In the order in which they run. `quick` are those of .ci/run. */
export const CASES = [
  { name: 'size', quick: true, run: npmAlone },
  { name: 'first start', run: firstStart },
  { name: 'npm', quick: true, run: npm },
  { name: 'npm --ignore-scripts', quick: true, run: noScripts },
  { name: 'npm --omit=optional', run: noOptional },
  { name: 'portable mode', quick: true, run: portable },
  { name: 'pnpm', quick: true, run: pnpm },
  { name: 'yarn node_modules', run: (matrix) => yarn(matrix, 'node-modules') },
  { name: 'yarn pnp', run: (matrix) => yarn(matrix, 'pnp') },
  { name: 'bun', run: bun },
  { name: 'no compiler', run: noCompiler },
  { name: 'read-only node_modules', run: readOnly },
  { name: 'dependency of a dependency', run: nested },
  { name: 'worker threads', quick: true, run: workers },
  { name: 'helper threads', quick: true, run: pools },
  { name: 'types', quick: true, run: types },
  { name: 'node:test', quick: true, run: nodeTest },
  { name: 'vitest', run: vitest },
  { name: 'jest', run: jest },
  { name: 'esbuild', run: esbuild },
  { name: 'opentelemetry', run: opentelemetry },
  { name: 'kafkajs alias', run: kafkajsAlias },
];

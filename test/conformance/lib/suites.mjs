/** Brings published test suites from their registries, pinned, and builds what needs building. */

import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { HERE, installed, Unavailable } from './cache.mjs';
import { execute, hasProgram, mustExecute } from './process.mjs';
import { needs, python } from './toolchains.mjs';

export const VERSIONS = {
  kgo: '1.22.2',
  kafkaPython: '3.0.12',
  rustRdkafka: '0.39.0',
  nodeRdkafka: '3.6.1',
  kafkaJavascript: '1.10.1',
  autobahn: '25.10.1',
};
const BUILD_MS = 1_500_000;

/** franz-go's kgo tests as one program. */
export async function kgoSuite() {
  needs('go');
  const module = 'github.com/twmb/franz-go/pkg/kgo';
  const folder = await installed('suite-kgo', [VERSIONS.kgo], async (at) => {
    const go = (...args) => mustExecute('go', args, { cwd: at, timeoutMs: BUILD_MS });
    await go('mod', 'init', 'millrace/conformance/kgo');
    await go('get', '-t', `${module}@v${VERSIONS.kgo}`);
    await go('test', '-c', '-o', 'kgo.test', module);
  });
  return { folder, program: join(folder, 'kgo.test') };
}

/** kafka-python's source archive, which carries its tests. */
export async function kafkaPythonSuite() {
  const { python: program, pip } = await python();
  const folder = await installed('suite-kafka-python', [VERSIONS.kafkaPython, 3], async (at) => {
    const wanted = `kafka-python==${VERSIONS.kafkaPython}`;
    const args = ['download', '-q', '--no-deps', '--no-binary', ':all:', '-d', at, wanted];
    await mustExecute(pip, args, { timeoutMs: BUILD_MS });
    const archive = (await readdir(at)).find((name) => name.endsWith('.tar.gz'));
    const unpack = ['-xzf', archive, '--strip-components=1'];
    await mustExecute('tar', unpack, { cwd: at });
    // The archive lacks two files: the mark of a package, without which Python's own `test` is
    // found first, and what starts brokers, which an external broker does not need.
    await writeFile(join(at, 'test', '__init__.py'), '');
    const service = join(HERE, 'clients', 'python', 'suite_service.py');
    await cp(service, join(at, 'test', 'service.py'));
  });
  return { folder, program };
}

/** Unpacks an npm package's own archive, without its dependencies. */
async function npmArchive(at, name) {
  const args = ['pack', '--silent', '--pack-destination', at, name];
  await mustExecute('npm', args, { cwd: at, timeoutMs: BUILD_MS });
  const archive = (await readdir(at)).find((file) => file.endsWith('.tgz'));
  await mustExecute('tar', ['-xzf', archive, '--strip-components=1'], { cwd: at });
}

/** node-rdkafka with its librdkafka, compiled; its e2e tests run with mocha. */
export async function nodeRdkafkaSuite() {
  needs('npm', 'g++', 'make', 'python3');
  return installed('suite-node-rdkafka', [VERSIONS.nodeRdkafka], async (at) => {
    await npmArchive(at, `node-rdkafka@${VERSIONS.nodeRdkafka}`);
    const args = ['install', '--no-audit', '--no-fund', '--loglevel=error'];
    await mustExecute('npm', args, { cwd: at, timeoutMs: BUILD_MS });
  });
}

/**
 * librdkafka's own test runner, from the sources inside Confluent's npm package. Tests that read
 * statistics are skipped where the headers of RapidJSON are not there.
 */
export async function librdkafkaSuite() {
  needs('npm', 'gcc', 'g++', 'make');
  const key = [VERSIONS.kafkaJavascript, await hasRapidJson()];
  const folder = await installed('suite-librdkafka', key, async (at) => {
    await npmArchive(at, `@confluentinc/kafka-javascript@${VERSIONS.kafkaJavascript}`);
    const cwd = join(at, 'deps', 'librdkafka');
    const off = ['--disable-ssl', '--disable-gssapi', '--disable-curl'];
    await mustExecute('bash', ['./configure', ...off], { cwd, timeoutMs: BUILD_MS });
    await mustExecute('make', ['-j2', 'libs'], { cwd, timeoutMs: BUILD_MS });
    const tests = { cwd: join(cwd, 'tests'), timeoutMs: BUILD_MS };
    await mustExecute('make', ['-j2', 'build'], tests);
  });
  return join(folder, 'deps', 'librdkafka', 'tests');
}

/** Installs RapidJSON from Debian's packages where we may. */
async function hasRapidJson() {
  if ((await includesRapidJson()) || process.getuid?.() !== 0) return includesRapidJson();
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const words = ['install', '-y', '-qq', 'rapidjson-dev'];
  if (hasProgram('apt-get')) await execute('apt-get', words, { env, timeoutMs: BUILD_MS });
  return includesRapidJson();
}

async function includesRapidJson() {
  const input = '#include <rapidjson/schema.h>\n';
  return (await execute('g++', ['-fsyntax-only', '-x', 'c++', '-'], { input })).code === 0;
}

/** The Autobahn test suite, which needs Python 2.7; from PATH, or among pyenv's versions. */
export async function autobahnSuite() {
  const python = await python2();
  const env = { PYTHONUSERBASE: '' };
  const folder = await installed('suite-autobahn', [VERSIONS.autobahn], async (at) => {
    env.PYTHONUSERBASE = at;
    const wanted = `autobahntestsuite==${VERSIONS.autobahn}`;
    const args = ['-m', 'pip', 'install', '-q', '--user', '--ignore-installed', wanted];
    await mustExecute(python, args, { env, timeoutMs: BUILD_MS });
  });
  return { python, program: join(folder, 'bin', 'wstest'), env: { PYTHONUSERBASE: folder } };
}

async function python2() {
  for (const name of ['python2.7', 'python2']) {
    if ((await execute('sh', ['-c', `${name} --version`])).code === 0) return name;
  }
  const root = process.env.PYENV_ROOT ?? join(homedir(), '.pyenv');
  const versions = existsSync(join(root, 'versions')) ? await readdir(join(root, 'versions')) : [];
  const old = versions.find((version) => version.startsWith('2.7.'));
  if (old === undefined) throw new Unavailable('there is no Python 2.7');
  return join(root, 'versions', old, 'bin', 'python2.7');
}

/** rust-rdkafka's crate, copied out of cargo's registry so that its tests can be built. */
export async function rustRdkafkaSuite() {
  needs('cargo', 'g++', 'make', 'cmake');
  return installed('suite-rust-rdkafka', [VERSIONS.rustRdkafka], async (at) => {
    const probe = join(at, 'probe');
    await mkdir(probe);
    const cargo = (cwd, ...args) => mustExecute('cargo', args, { cwd, timeoutMs: BUILD_MS });
    await cargo(probe, 'init', '--quiet', '--name', 'probe', '--vcs', 'none');
    await cargo(probe, 'add', '--quiet', `rdkafka@=${VERSIONS.rustRdkafka}`);
    await cargo(probe, 'fetch', '--quiet');
    const sources = join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'registry', 'src');
    for (const registry of await readdir(sources)) {
      const crate = join(sources, registry, `rdkafka-${VERSIONS.rustRdkafka}`);
      await cp(crate, join(at, 'rdkafka'), { recursive: true });
      break;
    }
    await cargo(join(at, 'rdkafka'), 'test', '--tests', '--no-run', '--quiet');
  });
}

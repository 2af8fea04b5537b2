/** The promisified specs of confluent-kafka-javascript, with the façade in the place of its module. */

import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HERE, installed, REPOSITORY, Unavailable } from './cache.mjs';
import { cloned } from './cloned.mjs';
import { hasProgram, mustExecute } from './process.mjs';

export const CONFLUENT = {
  name: 'confluent-kafka-javascript',
  address: 'https://github.com/confluentinc/confluent-kafka-javascript.git',
  tag: 'v1.10.0',
  commit: '5889e9a8a0964cb2cb76043c1f3ac78bcea5cc17',
};
const OURS = join(HERE, 'clients', 'confluent-suite');
const INSTALL_MS = 600_000;

async function repository() {
  const missing = ['git', 'npm'].find((name) => !hasProgram(name));
  if (missing !== undefined) throw new Unavailable(`${missing} not found`);
  const lock = await readFile(join(OURS, 'package-lock.json'), 'utf8');
  return installed('suite-confluent', [CONFLUENT.commit, lock], async (at) => {
    await cloned(CONFLUENT, join(at, 'confluent'));
    for (const name of ['package.json', 'package-lock.json'])
      await cp(join(OURS, name), join(at, name));
    const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
    await mustExecute('npm', args, { cwd: at, timeoutMs: INSTALL_MS });
  });
}

/** The specs, and in the place of the module that they load one on the façade; made anew. */
export async function confluentTree() {
  const folder = await repository();
  const tree = join(folder, 'facade');
  const make = ['src/kafkajs-package.mjs'];
  await mustExecute(process.execPath, make, { cwd: REPOSITORY, timeoutMs: INSTALL_MS });
  await rm(tree, { recursive: true, force: true });
  await mkdir(join(tree, 'lib', 'kafkajs'), { recursive: true });
  const specs = join('test', 'promisified');
  await cp(join(folder, 'confluent', specs), join(tree, specs), { recursive: true });
  await cp(join(OURS, 'module.cjs'), join(tree, 'lib', 'index.js'));
  await cp(join(OURS, 'consumer.cjs'), join(tree, 'lib', 'consumer.js'));
  await cp(join(OURS, 'producer.cjs'), join(tree, 'lib', 'producer.js'));
  await cp(join(OURS, 'deferred-promise.cjs'), join(tree, 'lib', 'kafkajs', '_common.js'));
  await cp(join(OURS, 'jest.config.cjs'), join(tree, 'jest.config.js'));
  return { tree, jest: join(folder, 'node_modules', 'jest', 'bin', 'jest.js') };
}

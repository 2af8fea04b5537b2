/** The promisified specs of confluent-kafka-javascript, with the façade in the place of its module. */

import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HERE } from './cache.mjs';
import { clonedSuite } from './cloned.mjs';
import { makeKafkaJsPackage } from './kafkajs-suite.mjs';

export const CONFLUENT = {
  name: 'confluent-kafka-javascript',
  address: 'https://github.com/confluentinc/confluent-kafka-javascript.git',
  tag: 'v1.10.0',
  commit: '5889e9a8a0964cb2cb76043c1f3ac78bcea5cc17',
};
const OURS = join(HERE, 'clients', 'confluent-suite');

/** The specs, and in the place of the module that they load one on the façade; made anew. */
export async function confluentTree() {
  const folder = await clonedSuite('confluent', CONFLUENT, OURS);
  const tree = join(folder, 'facade');
  await makeKafkaJsPackage();
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

/** KafkaJS's repository with its specs, once as it is and once with the façade in KafkaJS's place. */

import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HERE, REPOSITORY } from './cache.mjs';
import { clonedSuite } from './cloned.mjs';
import { mustExecute } from './process.mjs';

export const KAFKAJS = {
  name: 'KafkaJS',
  address: 'https://github.com/tulios/kafkajs.git',
  tag: 'v2.2.4',
  commit: 'c08472878724ce5fc62a9a9aa865255d7e7682a6',
};
const OURS = join(HERE, 'clients', 'kafkajs-suite');
const INSTALL_MS = 600_000;

function portsAre(...ports) {
  return `[${ports.map((port) => `\`\${host}:${port}\``).join(', ')}]`;
}

function portsOf(name) {
  return `process.env.KAFKAJS_${name}_PORTS.split(',').map(port => \`\${host}:\${port}\`)`;
}

/** The helpers of the specs know three brokers in containers. Here they are on any ports. */
const HELPERS = [
  [portsAre(9092, 9095, 9098), portsOf('PLAIN')],
  [portsAre(9093, 9096, 9099), portsOf('SSL')],
  [portsAre(9094, 9097, 9100), portsOf('SASL')],
  [':9092`', `:\${process.env.KAFKAJS_PLAIN_PORTS.split(',')[0]}\``],
  [
    'execa.commandSync(cmd, { shell: true })',
    `const admin = new Kafka({ brokers: plainTextBrokers() }).admin()
  await admin.createPartitions({ topicPartitions: [{ topic, count: partitions }] })
  await admin.disconnect()`,
  ],
];
/** Jest refuses a function that takes `done` and returns a promise. The older one did not. */
const FETCH_OFFSETS = [
  [
    'beforeEach(async done => {',
    `beforeEach(async () => {
        let done
        const isDone = new Promise(resolve => { done = resolve })`,
  ],
  [
    `number: 5 }),
        })
      })`,
    `number: 5 }),
        })
        await isDone
      })`,
  ],
];

const ONE_REPLICA = [['replicationFactor: 2', 'replicationFactor: 1']];
const PATCHES = {
  'testHelpers/index.js': HELPERS,
  'src/admin/__tests__/fetchOffsets.spec.js': FETCH_OFFSETS,
  'types/tests.ts': [["from './index'", "from 'kafkajs'"]],
  'src/admin/__tests__/createAcls.spec.js': ONE_REPLICA,
  'src/admin/__tests__/deleteAcls.spec.js': ONE_REPLICA,
  'src/admin/__tests__/describeAcls.spec.js': ONE_REPLICA,
};

const PACKAGE = 'require(process.env.MILLRACE_KAFKAJS_PACKAGE)';
/** Files of KafkaJS that are made of what the façade exports. */
const EXPORTS = {
  'index.js': PACKAGE,
  'src/consumer/assignerProtocol.js': `${PACKAGE}.AssignerProtocol`,
  'src/consumer/assigners/roundRobinAssigner/index.js': `${PACKAGE}.PartitionAssigners.roundRobin`,
  'src/producer/partitioners/index.js': `${PACKAGE}.Partitioners`,
  'src/producer/partitioners/legacy/index.js': `${PACKAGE}.Partitioners.LegacyPartitioner`,
  'src/protocol/aclOperationTypes.js': `${PACKAGE}.AclOperationTypes`,
  'src/protocol/aclPermissionTypes.js': `${PACKAGE}.AclPermissionTypes`,
  'src/protocol/aclResourceTypes.js': `${PACKAGE}.AclResourceTypes`,
  'src/protocol/configResourceTypes.js': `${PACKAGE}.ConfigResourceTypes`,
  'src/protocol/configSource.js': `${PACKAGE}.ConfigSource`,
  'src/protocol/resourcePatternTypes.js': `${PACKAGE}.ResourcePatternTypes`,
  'src/producer/index.js': "require('../../facade')('producer')",
  'src/consumer/index.js': "require('../../facade')('consumer')",
  'src/admin/index.js': "require('../../facade')('admin')",
};

const repository = () => clonedSuite('kafkajs', KAFKAJS, OURS, PATCHES);

/** The tree of KafkaJS itself, or the one where the façade stands in its place; made anew. */
export async function kafkaJsTree(kind) {
  const folder = await repository();
  const original = join(folder, 'kafkajs');
  const tree = join(folder, kind);
  if (kind === 'facade') await overlay(original, tree);
  await cp(join(OURS, 'jest.config.cjs'), join(tree, 'jest.millrace.js'));
  return { tree, jest: join(folder, 'node_modules', 'jest', 'bin', 'jest.js') };
}

async function overlay(original, tree) {
  await makeKafkaJsPackage();
  await rm(tree, { recursive: true, force: true });
  await mkdir(tree);
  for (const name of ['src', 'testHelpers', 'package.json', 'jest.config.js'])
    await cp(join(original, name), join(tree, name), { recursive: true });
  await rename(join(tree, 'src/cluster/index.js'), join(tree, 'src/cluster/kafkajs.js'));
  await cp(join(OURS, 'cluster.cjs'), join(tree, 'src/cluster/index.js'));
  await cp(join(OURS, 'errors.cjs'), join(tree, 'src/errors.js'));
  await cp(join(OURS, 'facade.cjs'), join(tree, 'facade.js'));
  for (const [file, text] of Object.entries(EXPORTS))
    await writeFile(join(tree, file), `module.exports = ${text};\n`);
}

/** KafkaJS's own program that names its types, against those of the façade. Says what is wrong. */
export async function compileTypes() {
  const folder = join(await repository(), 'facade-types');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await cp(join(folder, '..', 'kafkajs', 'types', 'tests.ts'), join(folder, 'tests.ts'));
  const compilerOptions = {
    module: 'node16',
    target: 'es2022',
    strict: true,
    noEmit: true,
    paths: { kafkajs: [join(KAFKAJS_PACKAGE, 'types', 'index.d.ts')] },
    typeRoots: [join(REPOSITORY, 'node_modules', '@types')],
    types: ['node'],
  };
  const tsconfig = { compilerOptions, files: ['tests.ts'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  const tsc = join(REPOSITORY, 'node_modules', 'typescript', 'bin', 'tsc');
  await mustExecute(process.execPath, [tsc, '-p', folder], { timeoutMs: INSTALL_MS });
}

export const KAFKAJS_PACKAGE = join(REPOSITORY, 'dist', 'kafkajs-package');

/** The façade as a package of its own, in KAFKAJS_PACKAGE. */
export async function makeKafkaJsPackage() {
  const make = ['src/kafkajs-package.mjs'];
  await mustExecute(process.execPath, make, { cwd: REPOSITORY, timeoutMs: INSTALL_MS });
}

import type { Acl } from '../../../src/client/admin/acl.ts';
import { allRequired } from '../../../src/client/admin/outcome.ts';
import {
  Admin,
  Consumer,
  type ConsumerOptions,
  Producer,
  type ProducerOptions,
  text,
  topic,
} from '../../../src/client/index.ts';
import { PASSWORDS, type SecuredCluster } from '../../support/secured-cluster.ts';
import { until } from '../../support/until.ts';

let names = 0;

/** A name that begins with its owner's, who may do everything with what is called so. */
export function nameFor(owner: string): string {
  return `${owner}-${Date.now().toString(36)}-${names++}`;
}

export function administrator(cluster: SecuredCluster): Admin {
  return new Admin(cluster.clientOf('PLAINTEXT'));
}

/** Passwords for SCRAM, and the owners' rights. */
export async function setUp(cluster: SecuredCluster): Promise<void> {
  await using admin = administrator(cluster);
  for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
    const users = Object.entries(PASSWORDS);
    const changes = users.map(([user, password]) => ({ user, mechanism, password }));
    allRequired(await admin.scram.alter(changes));
  }
  const owners = { ada: 'User:ada', bob: 'User:bob', holder: 'User:CN=holder' };
  const rules = Object.entries(owners).flatMap(([owner, principal]) =>
    (['topic', 'group', 'transactional-id'] as const).map((resourceType): Acl => {
      const resource = {
        resourceType,
        resourceName: `${owner}-`,
        patternType: 'prefixed',
      } as const;
      return { ...resource, principal, host: '*', operation: 'all', permission: 'allow' };
    }),
  );
  allRequired(await admin.acls.create(rules));
  await until('all rights are known', async () => {
    return (await admin.acls.describe()).length >= rules.length;
  });
}

/** Sends records, to a topic that the administrator makes, and reads them back in a group. */
export async function roundTrip(
  cluster: SecuredCluster,
  owner: string,
  options: object,
): Promise<void> {
  const name = nameFor(owner);
  await using admin = administrator(cluster);
  allRequired(await admin.topics.create([{ name, partitions: 1, replicationFactor: 1 }]));
  const words = topic(name, { key: text, value: text });
  await using producer = new Producer({ ...options, lingerMs: 0 } as ProducerOptions);
  const values = ['one', 'two', 'x'.repeat(300_000)];
  for (const value of values) await producer.send(words, { key: 'k', value });
  const reads = { groupId: name, autoOffsetReset: 'earliest', topics: [words] };
  await using consumer = new Consumer({ ...options, ...reads } as unknown as ConsumerOptions);
  const seen: unknown[] = [];
  for await (const record of consumer) {
    seen.push(record.value);
    if (seen.length === values.length) break;
  }
  if (seen.join() !== values.join()) throw new Error(`read ${seen.length} other values`);
}

import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Admin } from '../../../src/client/admin/admin.ts';
import { required } from '../../../src/client/admin/outcome.ts';

let broker: EmbeddedBroker;
let admin: Admin;

beforeAll(async () => {
  broker = await startBroker();
  await broker.createTopic('orders', { partitions: 2 });
  admin = new Admin({ bootstrapServers: broker.bootstrapServers, retryBackoffMs: 5 });
});

afterAll(async () => {
  await admin.close();
  await broker.close();
});

const FIRST = { topic: 'orders', partition: 0 };
const GONE = { topic: 'gone', partition: 0 };

describe('what concerns the whole cluster', () => {
  it('lists and refuses reassignments, partition by partition', async () => {
    expect(await admin.replicas.listReassignments()).toEqual([]);
    const moved = await admin.replicas.reassign([
      { ...FIRST, replicas: [4_711] },
      { ...GONE, replicas: null },
    ]);
    expect(moved).toMatchObject([
      { ...FIRST, outcome: { name: 'KafkaError', topic: 'orders', partition: 0 } },
      { ...GONE, outcome: { code: 'UNKNOWN_TOPIC_OR_PARTITION' } },
    ]);
  });

  it('tells of each partition how its election went', async () => {
    const elected = await admin.replicas.electLeaders('preferred', [FIRST, GONE]);
    expect(elected).toMatchObject([
      { ...FIRST, outcome: { code: 'ELECTION_NOT_NEEDED' } },
      { ...GONE, outcome: { code: 'UNKNOWN_TOPIC_OR_PARTITION' } },
    ]);
  });

  it('shows the directories of each broker with their replicas', async () => {
    const [id = -1] = await admin.brokers();
    const outcomes = await admin.logDirs.describe([id, 4_711], { partitions: [FIRST] });
    const dirs = [...required(outcomes.get(id)).values()].map((dir) => required(dir));
    expect(dirs.flatMap(({ replicas }) => replicas)).toMatchObject([FIRST]);
    expect(outcomes.get(4_711)).toMatchObject({ code: 'BROKER_NOT_AVAILABLE' });
    const move = { ...GONE, broker: id, path: '/nowhere' };
    expect(await admin.logDirs.alter([move])).toMatchObject([{ outcome: { name: 'KafkaError' } }]);
  });

  it('describes the quorum', async () => {
    const { leaderId, voters } = await admin.quorum.describe();
    expect(voters.map(({ id }) => id)).toContain(leaderId);
  });

  it('changes quotas or says of each entity why not', async () => {
    expect(await admin.quotas.describe()).toEqual([]);
    const alice = { user: 'alice' };
    const outcomes = await admin.quotas.alter([
      { entity: alice, values: { producer_byte_rate: 1_000 } },
    ]);
    expect([...outcomes.keys()]).toEqual([alice]);
  });

  it('says that a broker keeps no ACLs, and gives no tokens to strangers', async () => {
    await expect(admin.acls.describe()).rejects.toMatchObject({ code: 'SECURITY_DISABLED' });
    const refused = { code: 'DELEGATION_TOKEN_REQUEST_NOT_ALLOWED' };
    await expect(admin.tokens.describe()).rejects.toMatchObject(refused);
    expect([...(await admin.scram.describe())]).toEqual([]);
  });
});

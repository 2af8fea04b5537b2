import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from 'millrace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { API } from '../../../src/protocol/api-keys.ts';
import { committed, GroupMember } from '../../support/group-member.ts';
import { WireClient } from '../../support/wire-client.ts';

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'millrace-groups-'));
});

afterAll(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

test.each(['os', 'group'])(
  'with durability %s a restart keeps members and offsets',
  async (how) => {
    const config = { 'offsets.topic.num.partitions': 3, 'millrace.durability': how };
    const options = { config, dataDir: join(dataDir, how) };
    let member: GroupMember;
    {
      await using broker = await startBroker(options);
      const client = await WireClient.open(broker.port);
      await broker.createTopic('topic');
      member = new GroupMember(client, 'group');
      await member.enter();
      for (let offset = 1; offset <= 50; offset++)
        expect(await member.commit('topic', offset)).toBe(0);
      const many = await Promise.all(
        Array.from({ length: 20 }, async (_, i) => {
          const other = await WireClient.open(broker.port);
          const alone = new GroupMember(other, `group-${i}`);
          await alone.enter();
          const error = await alone.commit('topic', i);
          other.close();
          return error;
        }),
      );
      expect(many.every((error) => error === 0)).toBe(true);
      client.close();
    }
    await using broker = await startBroker(options);
    const client = await WireClient.open(broker.port);
    expect(await committed(client, 'group', 'topic')).toBe(50);
    for (let i = 0; i < 20; i++) expect(await committed(client, `group-${i}`, 'topic')).toBe(i);
    const described = await client.ask(API.DESCRIBE_GROUPS, 5, { groups: ['group'] });
    expect(described.groups[0]).toMatchObject({ groupState: 'Stable', protocolData: 'range' });
    expect(described.groups[0]!.members[0]!.memberId).toBe(member.memberId);
    client.close();
  },
);

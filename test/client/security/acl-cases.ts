import { describe, expect, it } from 'vitest';
import type { Acl, AclFilter } from '../../../src/client/admin/acl.ts';
import { allRequired, required } from '../../../src/client/admin/outcome.ts';
import { Admin, Consumer, Producer, text, topic } from '../../../src/client/index.ts';
import { PASSWORDS, type SecuredCluster } from '../../support/secured-cluster.ts';
import { administrator, nameFor } from './set-up.ts';

const CONFIGURATION = 'invalid-configuration';

function ruleFor(resourceName: string, more: Partial<Acl> = {}): Acl {
  return {
    resourceType: 'topic',
    resourceName,
    patternType: 'literal',
    principal: 'User:eve',
    host: '*',
    operation: 'read',
    permission: 'allow',
    ...more,
  };
}

export function aclCases(cluster: () => SecuredCluster): void {
  const bob = () => {
    const { bob: password } = PASSWORDS;
    return cluster().userOf({ mechanism: 'SCRAM-SHA-512', username: 'bob', password });
  };

  describe('ACLs', () => {
    it('are made, found by filters, and removed', async () => {
      await using admin = administrator(cluster());
      const name = nameFor('eve');
      const rules = [
        ruleFor(name),
        ruleFor(name, { operation: 'write', permission: 'deny', host: '127.0.0.1' }),
        ruleFor('eve-', { patternType: 'prefixed', operation: 'describe' }),
        ruleFor(name, { resourceType: 'group', operation: 'all' }),
      ];
      allRequired(await admin.acls.create(rules));
      const found = async (filter: AclFilter) => {
        const acls = await admin.acls.describe({ principal: 'User:eve', ...filter });
        return acls.map(({ operation }) => operation).sort();
      };
      await expect.poll(() => found({})).toEqual(['all', 'describe', 'read', 'write']);
      expect(await found({ resourceType: 'topic', resourceName: name })).toEqual(['read', 'write']);
      const matching = { resourceType: 'topic', resourceName: name, patternType: 'match' } as const;
      expect(await found(matching)).toEqual(['describe', 'read', 'write']);
      expect(await found({ permission: 'deny' })).toEqual(['write']);
      const all = await admin.acls.describe({ principal: 'User:eve' });
      expect(all).toEqual(expect.arrayContaining(rules));
      const filters: AclFilter[] = [matching, { principal: 'User:eve' }, { principal: 'User:no' }];
      const removed = await admin.acls.delete(filters);
      const counts = filters.map((filter) => required(removed.get(filter)).length);
      // A rule that two filters find may be told of by each of them.
      expect(counts[0]).toBe(3);
      expect(counts[1]).toBeGreaterThanOrEqual(1);
      expect(counts[2]).toBe(0);
      await expect.poll(() => found({})).toEqual([]);
    });

    it('are refused one by one', async () => {
      await using admin = administrator(cluster());
      const good = ruleFor(nameFor('eve'));
      const wrong = ruleFor('not-the-cluster', { resourceType: 'cluster' });
      const outcomes = await admin.acls.create([good, wrong]);
      expect(outcomes.get(good)).toBe(null);
      expect(outcomes.get(wrong)).toMatchObject({ code: 'INVALID_REQUEST' });
      await admin.acls.delete([{ principal: 'User:eve' }]);
    });

    it('hold clients off by an error for what they may not do', async () => {
      const name = nameFor('ada');
      await using admin = administrator(cluster());
      allRequired(await admin.topics.create([{ name, partitions: 1, replicationFactor: 1 }]));
      const words = topic(name, { value: text });
      const denied = { code: 'TOPIC_AUTHORIZATION_FAILED', category: CONFIGURATION, topic: name };

      await using producer = new Producer({ ...bob(), lingerMs: 0 });
      await expect(producer.send(words, { value: 'x' })).rejects.toMatchObject(denied);
      const read = async (options: object) => {
        await using consumer = new Consumer({ ...bob(), topics: [words], ...options } as never);
        for await (const record of consumer) return record;
        return null;
      };
      await expect(read({ groupId: nameFor('bob') })).rejects.toMatchObject(denied);
      await expect(read({ groupId: nameFor('ada') })).rejects.toMatchObject({
        code: 'GROUP_AUTHORIZATION_FAILED',
        category: CONFIGURATION,
      });
      await using transactional = new Producer({ ...bob(), transactionalId: nameFor('ada') });
      await expect(transactional.beginTransaction()).rejects.toMatchObject({
        code: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
        category: CONFIGURATION,
      });
    });

    it('hold administration off, a resource by itself', async () => {
      await using admin = new Admin(bob());
      const cluster = { code: 'CLUSTER_AUTHORIZATION_FAILED', category: CONFIGURATION };
      await expect(admin.acls.describe()).rejects.toMatchObject(cluster);
      const rule = ruleFor('x');
      expect((await admin.acls.create([rule])).get(rule)).toMatchObject(cluster);
      const filter = { principal: 'User:ada' };
      expect((await admin.acls.delete([filter])).get(filter)).toMatchObject(cluster);
      const [own, others] = [nameFor('bob'), nameFor('ada')];
      const created = await admin.topics.create(
        [own, others].map((name) => ({ name, partitions: 1, replicationFactor: 1 })),
      );
      expect(created.get(own)).not.toBeInstanceOf(Error);
      expect(created.get(others)).toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED' });
      expect((await admin.topics.list()).map(({ name }) => name)).toContain(own);
      expect((await admin.topics.list()).map(({ name }) => name)).not.toContain(others);
    });
  });
}

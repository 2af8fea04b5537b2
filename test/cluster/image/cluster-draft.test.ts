import { describe, expect, it } from 'vitest';
import { ClusterDraft } from '../../../src/cluster/image/cluster-draft.ts';
import { type ClusterImage, emptyClusterImage } from '../../../src/cluster/image/cluster-image.ts';
import type { KraftRecord } from '../../../src/protocol/metadata-record-table.ts';
import { idOf, kraft, partition, topic } from '../kraft-records.ts';

const EMPTY = emptyClusterImage('cluster', 5);
const AT = { offset: 10, epoch: 2, timestampMs: 1000 };

function changed(image: ClusterImage, ...records: KraftRecord[]) {
  const draft = ClusterDraft.behind(image);
  for (const record of records) draft.apply(record);
  return draft.finish(AT);
}

function imageOf(...records: KraftRecord[]): ClusterImage {
  return changed(EMPTY, ...records).after;
}

function change(name: string, partitionId: number, fields: object): KraftRecord {
  return kraft('partitionChange', { topicId: idOf(name), partitionId, ...fields });
}

function broker(brokerId: number, brokerEpoch: number, fields: object = {}): KraftRecord {
  const endPoints = [{ name: 'PLAINTEXT', host: 'h', port: 9092, securityProtocol: 0 }];
  const incarnationId = idOf('i');
  const more = { incarnationId, endPoints, features: [], rack: null, fenced: true, logDirs: [] };
  return kraft('registerBroker', { brokerId, brokerEpoch, ...more, ...fields });
}

function config(resourceType: number, resourceName: string, value: string | null): KraftRecord {
  return kraft('config', { resourceType, resourceName, name: 'retention.ms', value });
}

describe('topics', () => {
  const base = imageOf(topic('a'), partition('a', 1), partition('a', 0), topic('b.c'));

  it('are made with their partitions, in whatever order these come', () => {
    expect(base.topicsByName.get('a')?.partitions.map(({ index }) => index)).toEqual([0, 1]);
    expect(base.topicsById.get(idOf('a'))?.name).toBe('a');
    expect(base.namesByCollisionForm.get('b_c')).toBe('b.c');
    expect([base.partitionCount, base.offset, base.epoch]).toEqual([2, 10, 2]);
  });

  it('keep what a change leaves out, and every change raises the partition epoch', () => {
    const { after: next, topics } = changed(base, change('a', 1, { isr: [1, 2] }));
    const partitionAfter = next.topicsByName.get('a')!.partitions[1]!;
    expect(partitionAfter).toMatchObject({
      leader: 1,
      leaderEpoch: 0,
      partitionEpoch: 1,
      replicas: [1],
    });
    expect(partitionAfter.inSyncReplicas).toEqual([1, 2]);
    expect(next.topicsByName.get('a')!.partitions[0]).toBe(
      base.topicsByName.get('a')!.partitions[0],
    );
    expect(base.topicsByName.get('a')!.partitions[1]!.partitionEpoch).toBe(0);
    expect([...topics]).toEqual([idOf('a')]);
    expect(next.topicsByName.get('b.c')).toBe(base.topicsByName.get('b.c'));
  });

  it('get the next leader epoch from each leader that is named, also from the same one', () => {
    const led = (leader: number, ...more: number[]) => {
      const changes = [leader, ...more].map((each) => change('a', 0, { leader: each }));
      const { leader: last, leaderEpoch } = changed(base, ...changes).after.topicsByName.get('a')!
        .partitions[0]!;
      return [last, leaderEpoch];
    };
    expect(led(1)).toEqual([1, 1]);
    expect(led(2)).toEqual([2, 1]);
    expect(led(-1, 3)).toEqual([3, 2]);
    expect(led(-2)).toEqual([1, 0]);
  });

  it('have the fields of a reassignment, of eligible leaders and of directories', () => {
    const details = {
      addingReplicas: [3],
      removingReplicas: [1],
      eligibleLeaderReplicas: [1],
      lastKnownElr: [2],
      leaderRecoveryState: 1,
      directories: [idOf('x'), idOf('y')],
    };
    const moved = changed(base, change('a', 0, { replicas: [1, 3], ...details })).after;
    expect(moved.topicsByName.get('a')!.partitions[0]!.details).toEqual(details);
    const cleared = changed(moved, kraft('clearElr', { topicName: '' })).after;
    const partitionAfter = cleared.topicsByName.get('a')!.partitions[0]!;
    expect(partitionAfter.details).toMatchObject({ eligibleLeaderReplicas: [], lastKnownElr: [] });
    expect(partitionAfter.partitionEpoch).toBe(2);
    expect(cleared.topicsByName.get('a')!.partitions[1]!.partitionEpoch).toBe(0);
    const named = changed(moved, kraft('clearElr', { topicName: 'a' })).after;
    expect(named.topicsByName.get('a')).toEqual(cleared.topicsByName.get('a'));
  });

  it('may be removed and made again under the same name in one step', () => {
    const again = kraft('topic', { name: 'a', topicId: idOf('z') });
    const gone = kraft('removeTopic', { topicId: idOf('a') });
    const { after: next, topics } = changed(base, gone, again);
    expect(next.topicsByName.get('a')).toMatchObject({ id: idOf('z'), partitions: [] });
    expect(next.topicsById.has(idOf('a'))).toBe(false);
    expect(next.partitionCount).toBe(0);
    expect([...topics].sort()).toEqual([idOf('a'), idOf('z')].sort());
    const short = changed(base, topic('t'), kraft('removeTopic', { topicId: idOf('t') })).after;
    expect(short.topicsByName.has('t')).toBe(false);
  });

  it('keep their configurations, also those that come before the topic', () => {
    const set = changed(base, config(2, 'a', '5'), config(2, 'later', '6')).after;
    expect(set.topicsByName.get('a')!.configs).toEqual(new Map([['retention.ms', '5']]));
    const later = changed(set, topic('later')).after;
    expect(later.topicsByName.get('later')!.configs).toEqual(new Map([['retention.ms', '6']]));
    expect(later.otherConfigs.size).toBe(0);
    expect(changed(set, config(2, 'a', null)).after.topicsByName.get('a')!.configs.size).toBe(0);
  });

  it('refuse records that do not fit what came before', () => {
    const bad = (...records: KraftRecord[]) => expect(() => changed(base, ...records));
    bad(topic('a')).toThrow('two topics with the id');
    bad(kraft('topic', { name: 'a', topicId: idOf('z') })).toThrow('two topics named a');
    bad(partition('unknown', 0)).toThrow('which does not exist');
    bad(change('a', 7, {})).toThrow('a change of a-7');
    bad(kraft('removeTopic', { topicId: idOf('z') })).toThrow('which does not exist');
    bad(topic('t'), partition('t', 1)).toThrow('t without partition 0');
    bad(change('a', 0, { directories: [idOf('x'), idOf('y')] })).toThrow('2 directories of 1');
    bad(kraft('endTransaction')).toThrow('endTransaction');
  });
});

describe('brokers', () => {
  const features = [{ name: 'metadata.version', minSupportedVersion: 7, maxSupportedVersion: 30 }];
  const base = imageOf(broker(5, 7, { rack: 'r', logDirs: [idOf('b'), idOf('a')], features }));

  it('register fenced, and are unfenced, fenced and changed by their epoch', () => {
    expect(base.brokers.get('5')).toMatchObject({ epoch: 7, fenced: true, rack: 'r' });
    expect(base.brokers.get('5')!.endpoints.get('PLAINTEXT')).toEqual({ host: 'h', port: 9092 });
    expect(base.brokers.get('5')!.registration).toMatchObject({
      logDirs: [idOf('a'), idOf('b')],
      features: new Map([['metadata.version', [7, 30]]]),
    });
    expect(base.brokerEpoch).toBe(7);
    const { after: open, brokers } = changed(base, kraft('unfenceBroker', { id: 5, epoch: 7 }));
    expect(open.brokers.get('5')!.fenced).toBe(false);
    expect([...brokers]).toEqual([5]);
    const shut = kraft('brokerRegistrationChange', {
      brokerId: 5,
      brokerEpoch: 7,
      fenced: 1,
      inControlledShutdown: 1,
      logDirs: [idOf('c')],
    });
    expect(changed(open, shut).after.brokers.get('5')).toMatchObject({
      fenced: true,
      registration: { inControlledShutdown: true, logDirs: [idOf('c')] },
    });
    const none = kraft('brokerRegistrationChange', { brokerId: 5, brokerEpoch: 7 });
    expect(changed(open, none).after.brokers.get('5')).toEqual(open.brokers.get('5'));
    expect(changed(open, kraft('unregisterBroker', { brokerId: 5 })).after.brokers.size).toBe(0);
  });

  it('refuse a change of another epoch or of an unknown broker', () => {
    const bad = (id: number, epoch: number) =>
      expect(() => changed(base, kraft('fenceBroker', { id, epoch })));
    bad(5, 8).toThrow('a change of broker 5 of epoch 8, which has epoch 7');
    bad(6, 7).toThrow('broker 6, which is not registered');
  });
});

describe('everything else', () => {
  it('has features without the one of the quorum, quotas, ids and configurations', () => {
    const feature = (name: string, featureLevel: number) =>
      kraft('featureLevel', { name, featureLevel });
    const user = [
      { entityType: 'user', entityName: 'u' },
      { entityType: 'client-id', entityName: null },
    ];
    const quota = (value: number, remove = false) =>
      kraft('clientQuota', { entity: user, key: 'producer_byte_rate', value, remove });
    const image = imageOf(
      feature('metadata.version', 30),
      feature('kraft.version', 1),
      feature('share.version', 1),
      feature('share.version', 0),
      quota(5),
      kraft('producerIds', { nextProducerId: 3000 }),
      config(4, '', 'x'),
      config(4, '5', 'y'),
      config(32, 'group', 'z'),
      config(16, 'metrics', 'w'),
      kraft('noOp'),
    );
    expect([...image.features]).toEqual([['metadata.version', 30]]);
    expect([...image.quotas.values()]).toEqual([
      {
        entity: [
          ['client-id', null],
          ['user', 'u'],
        ],
        values: new Map([['producer_byte_rate', 5]]),
      },
    ]);
    expect(image.nextProducerId).toBe(3000);
    expect([...image.brokerConfigs.keys()].sort()).toEqual(['', '5']);
    expect([...image.groupConfigs.keys()]).toEqual(['group']);
    expect([...image.otherConfigs.keys()]).toEqual(['16 metrics']);
    expect(changed(image, quota(0, true)).after.quotas.size).toBe(0);
  });

  it('has users, tokens and rules of access, and says whose sessions must end', () => {
    const bytes = Buffer.from('salt');
    const rule = { resourceType: 2, resourceName: 'a', patternType: 3, principal: 'User:u' };
    const more = { host: '*', operation: 3, permissionType: 3 };
    const keys = { salt: bytes, storedKey: bytes, serverKey: bytes };
    const image = imageOf(
      kraft('userScramCredential', { name: 'u', mechanism: 1, iterations: 4096, ...keys }),
      kraft('delegationToken', { owner: 'User:u', requester: 'User:u', tokenId: 't' }),
      kraft('accessControlEntry', { id: idOf('r'), ...rule, ...more }),
    );
    expect(image.scramCredentials.get('SCRAM-SHA-256 u')).toMatchObject({
      iterations: 4096,
      salt: bytes.toString('base64'),
    });
    expect(image.delegationTokens.get('t')).toMatchObject({ owner: 'User:u' });
    expect([...image.acls.values()]).toMatchObject([{ principal: 'User:u', permission: 3 }]);
    const gone = changed(
      image,
      kraft('removeUserScramCredential', { name: 'u', mechanism: 1 }),
      kraft('removeDelegationToken', { tokenId: 't' }),
      kraft('removeAccessControlEntry', { id: idOf('r') }),
    );
    expect(gone.after.acls.size + gone.after.aclsById.size).toBe(0);
    expect(gone.records).toEqual([
      { type: 'scram-removed', user: 'u', mechanism: 'SCRAM-SHA-256' },
      { type: 'token-removed', id: 't' },
    ]);
    expect(() => changed(EMPTY, kraft('removeAccessControlEntry', { id: idOf('r') }))).toThrow(
      'which does not exist',
    );
  });

  it('keeps maps that did not change', () => {
    const image = imageOf(topic('a'), broker(5, 7), config(4, '', 'x'));
    const next = changed(image, kraft('noOp')).after;
    for (const name of ['topicsByName', 'brokers', 'brokerConfigs', 'acls', 'quotas'] as const) {
      expect(next[name], name).toBe(image[name]);
    }
  });
});

describe('a snapshot', () => {
  it('takes the place of the image and names everything that may be other', () => {
    const image = imageOf(topic('a'), topic('b'), broker(5, 7), config(4, '', 'x'));
    const draft = ClusterDraft.inPlaceOf(image);
    for (const record of [topic('b'), topic('c'), broker(6, 9)]) draft.apply(record);
    const { before, after: next, topics, brokers } = draft.finish(AT);
    expect(before).toBe(image);
    expect([...next.topicsByName.keys()].sort()).toEqual(['b', 'c']);
    expect([...next.brokers.keys()]).toEqual(['6']);
    expect(next.brokerConfigs.size).toBe(0);
    expect([next.clusterId, next.nodeId]).toEqual(['cluster', 5]);
    expect([...topics].sort()).toEqual([idOf('a'), idOf('b'), idOf('c')].sort());
    expect([...brokers].sort()).toEqual([5, 6]);
    expect(image.topicsByName.size).toBe(2);
  });
});

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Broker } from '#millrace/broker/broker';
import { loadConfig } from '#millrace/broker/config';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { ControlAnswer } from '../../src/exchange/control.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { createTopic } from '../support/topics.ts';
import { WireClient } from '../support/wire-client.ts';
import { deleteTopic, offsetAt, send } from '../support/wire-requests.ts';

const LATEST = -1;
const EBADF = 9;
const EVERY_SYNC = { 'millrace.durability': 'group' };

let dataDir: string;
let broker: Broker;
let client: WireClient;
let admin: WireClient;

/** A broker of which a test may hold back what is on its way inside. */
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'millrace-deleted-'));
  const config = {
    listeners: 'PLAINTEXT://127.0.0.1:0',
    'log.dirs': dataDir,
    'millrace.http.listener': '',
    'num.io.threads': 0,
  };
  broker = await Broker.start({
    loaded: loadConfig({ config }),
    isTemporary: true,
    logger: silentLogger,
    onFatal: (error) => {
      throw error;
    },
  });
  client = await WireClient.open(broker.kafkaPort);
  admin = await WireClient.open(broker.kafkaPort);
});

afterEach(async () => {
  client.close();
  admin.close();
  await broker.close();
  await rm(dataDir, { recursive: true, force: true });
});

function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const record = (value: string) => buildBatch([{ value: Buffer.from(value) }]);

describe('what is on its way when a topic is deleted', () => {
  it('a batch in the helper pool is refused, and not given to the topic made next', async () => {
    const { helpers } = broker.front;
    const rebuild = helpers.rebuild.bind(helpers);
    const [reached, released] = [gate(), gate()];
    helpers.rebuild = async (task) => {
      const result = await rebuild(task);
      reached.open();
      await released.opened;
      return result;
    };
    await createTopic(admin, 'old', { 'compression.type': 'gzip' });
    const sent = send(client, 'old', record('of the old topic'));
    await reached.opened;
    await deleteTopic(admin, 'old');
    await createTopic(admin, 'new');
    released.open();
    expect((await sent).errorCode).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    expect((await offsetAt(admin, 'new', LATEST)).offset).toBe(0);
  });

  it('the end of a sync neither acknowledges nor fails what the topic made next holds', async () => {
    const { workers, partitions } = broker.front;
    const { proxy } = broker.crew.links[0]!;
    const onSync = workers.onSync.bind(workers);
    const syncs: { slot: number; start: () => void }[] = [];
    let asked = gate();
    workers.onSync = (worker, slot, descriptors, directories) => {
      syncs.push({ slot, start: () => onSync(worker, slot, descriptors, directories) });
      asked.open();
    };
    await createTopic(admin, 'old', EVERY_SYNC);
    await send(client, 'old', record('of the old topic'), { acks: 1 });
    await asked.opened;
    await deleteTopic(admin, 'old');
    await createTopic(admin, 'new', EVERY_SYNC);
    asked = gate();
    const other = await WireClient.open(broker.kafkaPort);
    let acknowledged = false;
    const sent = send(other, 'new', record('of the new topic')).finally(() => {
      acknowledged = true;
    });
    await asked.opened;
    const [ofOld, ofNew] = syncs;
    for (const errno of [0, EBADF]) {
      proxy.synced(ofOld!.slot, errno);
      proxy.wake();
      // The broker handles these behind the end of the sync: what it led to is known by then.
      await offsetAt(admin, 'new', LATEST);
      await offsetAt(admin, 'new', LATEST);
      expect(acknowledged).toBe(false);
      expect(partitions.topicByName('new')!.held[0]!.offlineReason).toBe('');
    }
    ofNew!.start();
    expect(await sent).toMatchObject({ errorCode: 0, baseOffset: 0 });
    other.close();
  });

  it.each(['new', 'old'])('its checkpoint does not become that of topic %s', async (next) => {
    const { workers } = broker.front;
    await createTopic(admin, 'old');
    await send(client, 'old', record('of the old topic'));
    await admin.ask(API.DELETE_RECORDS, 2, {
      topics: [{ name: 'old', partitions: [{ partitionIndex: 0, offset: 1 }] }],
      timeoutMs: 1000,
    });
    const [reached, released] = [gate(), gate()];
    const control = workers.control.bind(workers);
    workers.control = async (worker, command, onAnswer): Promise<ControlAnswer> => {
      const answer = await control(worker, command, onAnswer);
      if (command.kind !== 'checkpoint') return answer;
      reached.open();
      await released.opened;
      return answer;
    };
    const saved = broker.front.checkpoints.save();
    await reached.opened;
    await deleteTopic(admin, 'old');
    await createTopic(admin, next);
    released.open();
    await saved;
    const text = readFileSync(join(dataDir, 'log-start-offset-checkpoint'), 'utf8');
    expect(text).toBe('0\n0\n');
  });
});

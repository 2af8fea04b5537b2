import { afterEach, expect, test } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { controllerSettings } from '../../../src/cluster/quorum/controller-settings.ts';
import { QuorumObserver } from '../../../src/cluster/quorum/quorum-observer.ts';
import { sealBatch } from '../../../src/records/batch-builder.ts';
import { batchOf, leaderChange, topic } from '../kraft-records.ts';
import { RecordingSink } from '../recording-sink.ts';
import { ScriptedController } from '../scripted-controller.ts';

const TIMES = { requestTimeoutMs: 1000, connectTimeoutMs: 1000 };
const DIRECTORY = 'ZGlyZWN0b3J5LW9mLW1pbQ';

const controllers: ScriptedController[] = [];
let stop = new AbortController();
let running: Promise<unknown> = Promise.resolve();
let sink = new RecordingSink();
const logged: string[] = [];

afterEach(async () => {
  stop.abort();
  await running;
  for (const controller of controllers.splice(0)) await controller.close();
  logged.length = 0;
});

/** Controllers 1, 2, … that know each other, and this one leads in this epoch. */
async function quorum(count: number, leaderId: number, leaderEpoch: number) {
  for (let id = 1; id <= count; id++) controllers.push(await ScriptedController.start(id));
  for (const controller of controllers) {
    controller.peers = controllers;
    controller.leader = { leaderId, leaderEpoch };
  }
  return controllers;
}

function elect(leaderId: number, leaderEpoch: number): void {
  for (const controller of controllers) controller.leader = { leaderId, leaderEpoch };
}

/** Resolves with what ended the observer. */
function observe(bootstrap: readonly ScriptedController[], fetchTimeoutMs = 1000): void {
  const logger = {
    info: () => {},
    warn: (line: string) => logged.push(line),
    error: (line: string) => logged.push(line),
  };
  stop = new AbortController();
  sink = new RecordingSink();
  const observer = new QuorumObserver({
    bootstrap: bootstrap.map(({ address }) => address),
    nodeId: 9,
    directoryId: DIRECTORY,
    fetchBytesMax: 1 << 20,
    snapshotBytesMax: 7,
    fetchTimeoutMs,
    retryMs: 5,
    retryMaxMs: 20,
    connections: controllerSettings(9, TIMES, () => {}),
    sink,
    logger,
  });
  running = observer.run(stop.signal).then(
    () => null,
    (thrown: Error) => thrown,
  );
}

/** Serves the log of these batches as a leader does: what is behind the offset that was asked. */
function serve(controller: ScriptedController, batches: readonly Buffer[], highWatermark: number) {
  controller.onFetch = ({ fetchOffset, currentLeaderEpoch, highWatermark: known }) => {
    const { leaderEpoch, leaderId } = controller.leader;
    if (leaderId !== controller.id) return { errorCode: ERROR.NOT_LEADER_OR_FOLLOWER };
    if (currentLeaderEpoch !== leaderEpoch) return { errorCode: ERROR.FENCED_LEADER_EPOCH };
    const behind = batches.filter((batch) => Number(batch.readBigInt64BE(0)) >= fetchOffset);
    if (behind.length === 0 && known === highWatermark) return null;
    return { records: Buffer.concat(behind), highWatermark };
  };
}

async function lines(count: number): Promise<string[]> {
  await expect.poll(() => sink.lines.length, { timeout: 5000 }).toBeGreaterThanOrEqual(count);
  return sink.take();
}

test('finds the leader through any controller and shows what is committed', async () => {
  const [first, second] = await quorum(2, 2, 7);
  const batches = [leaderChange(0, 6), batchOf(1, 7, [topic('a')]), batchOf(2, 7, [topic('b')])];
  serve(first!, batches, 2);
  serve(second!, batches, 2);
  observe([first!]);
  expect(await lines(4)).toEqual([
    'cluster the-cluster',
    'leader 2 of epoch 7',
    'topic a',
    'shown 1 of epoch 7',
  ]);
  await expect
    .poll(() => second!.fetches.at(-1))
    .toMatchObject({
      fetchOffset: 3,
      lastFetchedEpoch: 7,
      highWatermark: 2,
      currentLeaderEpoch: 7,
      replicaDirectoryId: DIRECTORY,
    });
});

test('what is not committed is taken back where the logs part, and never shown', async () => {
  const [only] = await quorum(1, 1, 7);
  const start = [leaderChange(0, 7), batchOf(1, 7, [topic('a')])];
  let parted = false;
  const other = [...start, leaderChange(2, 8), batchOf(3, 8, [topic('other')])];
  only!.onFetch = ({ fetchOffset, currentLeaderEpoch }) => {
    if (currentLeaderEpoch !== only!.leader.leaderEpoch) {
      return { errorCode: ERROR.FENCED_LEADER_EPOCH };
    }
    if (fetchOffset === 0) {
      const doomed = [...start, batchOf(2, 7, [topic('doomed')]), batchOf(3, 7, [topic('too')])];
      return { records: Buffer.concat(doomed), highWatermark: 2 };
    }
    if (fetchOffset === 4 && !parted) {
      parted = true;
      elect(1, 8);
      return { errorCode: ERROR.FENCED_LEADER_EPOCH, currentLeader: only!.leader };
    }
    if (fetchOffset === 4 && only!.fetches.at(-1)!.lastFetchedEpoch === 7) {
      return { divergingEpoch: { epoch: 7, endOffset: 2 } };
    }
    if (fetchOffset === 2) return { records: Buffer.concat(other.slice(2)), highWatermark: 4 };
    return null;
  };
  observe([only!]);
  expect(await lines(7)).toEqual([
    'cluster the-cluster',
    'leader 1 of epoch 7',
    'topic a',
    'shown 1 of epoch 7',
    'leader 1 of epoch 8',
    'topic other',
    'shown 3 of epoch 8',
  ]);
});

test('what was committed and is taken back ends it', async () => {
  const [only] = await quorum(1, 1, 7);
  const start = Buffer.concat([leaderChange(0, 7), batchOf(1, 7, [topic('a')])]);
  only!.onFetch = ({ fetchOffset, currentLeaderEpoch }) => {
    if (currentLeaderEpoch !== 7) return { errorCode: ERROR.FENCED_LEADER_EPOCH };
    if (fetchOffset === 0) return { records: start, highWatermark: 2 };
    return { divergingEpoch: { epoch: 7, endOffset: 1 } };
  };
  observe([only!]);
  expect(await running).toMatchObject({ code: 'MILLRACE_CORRUPT' });
});

test('a snapshot is fetched in pieces, again where it is gone, and then the log behind', async () => {
  const [only] = await quorum(1, 1, 7);
  const whole = Buffer.concat([leaderChange(0, 0), batchOf(1, 0, [topic('a'), topic('b')])]);
  let asked = 0;
  only!.onFetch = ({ fetchOffset, currentLeaderEpoch, highWatermark }) => {
    if (currentLeaderEpoch !== 7) return { errorCode: ERROR.FENCED_LEADER_EPOCH };
    if (fetchOffset === 0) {
      if (asked++ > 0) only!.snapshot = whole;
      return { snapshotId: { endOffset: 50, epoch: 6 } };
    }
    if (fetchOffset === 50) return { records: batchOf(50, 7, [topic('c')]), highWatermark: 51 };
    return highWatermark === 51 ? null : { highWatermark: 51 };
  };
  observe([only!]);
  expect(await lines(7)).toEqual([
    'cluster the-cluster',
    'leader 1 of epoch 7',
    'snapshot',
    'topic a',
    'topic b',
    'topic c',
    'shown 50 of epoch 7',
  ]);
  expect(only!.fetches.at(-1)).toMatchObject({ fetchOffset: 51, lastFetchedEpoch: 7 });
  expect(logged).toEqual([expect.stringContaining('SNAPSHOT_NOT_FOUND')]);
});

test('goes on with the next leader when a controller dies, and forgets no epoch', async () => {
  const [first, second, third] = await quorum(3, 1, 7);
  const batches = [leaderChange(0, 7), batchOf(1, 7, [topic('a')])];
  for (const controller of controllers) serve(controller, batches, 2);
  observe(controllers);
  await lines(4);
  // The third has not heard of the election yet.
  await first!.close();
  const more = [...batches, leaderChange(2, 8), batchOf(3, 8, [topic('b')])];
  second!.leader = { leaderId: 2, leaderEpoch: 8 };
  serve(second!, more, 4);
  expect(await lines(3)).toEqual(['leader 2 of epoch 8', 'topic b', 'shown 3 of epoch 8']);
  const asked = third!.fetches.map(({ currentLeaderEpoch }) => currentLeaderEpoch);
  expect(asked.every((epoch) => epoch <= 7)).toBe(true);
  await first!.listen();
});

test('a controller that does not answer is left after the time-out', async () => {
  const [first, second] = await quorum(2, 1, 7);
  const batches = [leaderChange(0, 7), batchOf(1, 7, [topic('a')])];
  serve(first!, batches, 2);
  observe([first!, second!], 100);
  await lines(4);
  first!.onFetch = () => null;
  second!.leader = { leaderId: 2, leaderEpoch: 8 };
  serve(second!, [...batches, batchOf(2, 8, [topic('b')])], 3);
  expect(await lines(3)).toEqual(['leader 2 of epoch 8', 'topic b', 'shown 2 of epoch 8']);
});

test('a controller of another cluster is not followed', async () => {
  const [first, second] = await quorum(2, 1, 7);
  serve(first!, [batchOf(0, 7, [topic('a')])], 1);
  observe([first!, second!], 100);
  await lines(4);
  second!.clusterId = 'another';
  first!.onFetch = () => null;
  serve(second!, [batchOf(0, 9, [topic('wrong')])], 1);
  second!.leader = { leaderId: 2, leaderEpoch: 9 };
  await expect.poll(() => logged.join('\n'), { timeout: 5000 }).toContain('is of cluster another');
  expect(sink.take()).toEqual([]);
});

test('a record that is not known ends it', async () => {
  const [only] = await quorum(1, 1, 7);
  const strange = batchOf(0, 7, [topic('a')]);
  serve(only!, [strange], 1);
  const at = strange.indexOf(Buffer.from([1, 2, 0]));
  strange[at + 1] = 99;
  sealBatch(strange);
  observe([only!]);
  expect(await running).toMatchObject({ message: expect.stringContaining('type 99') });
});

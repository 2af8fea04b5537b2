import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type BackgroundDisk,
  installBackgroundDisk,
  systemBackgroundDisk,
} from '../../../src/base/background-disk.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { nextTurn } from '../../../src/base/next-turn.ts';
import { Partitions } from '../../../src/front/partitions/partitions.ts';
import { type AppendWaiter, Workers } from '../../../src/front/partitions/workers.ts';
import { createParkingMemory, Parking } from '../../../src/ring/parking.ts';
import { RecordingWorker } from '../../support/recording-worker.ts';
import { ThreadLink } from '../../support/thread-link.ts';

const NO_POSITION = { offset: 0, segmentBase: 0, position: 0 };
const STATE = {
  slot: 1,
  logStartOffset: 4,
  logEnd: NO_POSITION,
  limits: { highWatermark: NO_POSITION, lastStable: NO_POSITION },
  abortedCount: 3,
};

let worker: RecordingWorker;
let link: ThreadLink;
let workers: Workers;
let drained: number;
let appended: unknown[][];
let broken: unknown[];

const waiter: AppendWaiter = {
  onRecordsRefused: (...words) => appended.push(['refused', ...words]),
  onAppended: (...words) => appended.push(words),
};

beforeEach(() => {
  worker = new RecordingWorker();
  link = new ThreadLink(worker);
  drained = 0;
  appended = [];
  broken = [];
  const parking = new Parking(createParkingMemory());
  const afterDrain = () => {
    drained++;
  };
  workers = new Workers([link], parking, new Partitions(), silentLogger, afterDrain, (thrown) => {
    broken.push(thrown);
  });
});

afterEach(() => {
  installBackgroundDisk(systemBackgroundDisk);
  link.close();
});

function disk(changes: Partial<BackgroundDisk>): void {
  installBackgroundDisk({ ...systemBackgroundDisk, ...changes });
}

describe('the workers', () => {
  it('tell each append its own outcome', () => {
    const ticket = workers.takeAppendTicket(waiter);
    workers.append(0, 1, ticket, 0, -1, 13, Buffer.from('a'));
    workers.append(0, 2, ticket, 1, -1, 13, Buffer.from('b'));
    expect(link.worker.drain(10)).toBe(2);
    link.front.partition(STATE, ticket, 1, 45, -1, -1);
    link.front.partition(STATE, ticket, 0, 0, 17, 99);
    workers.drain();
    expect(appended).toEqual([
      [1, 45, -1, -1, 4],
      [0, 0, 17, 99, 4],
    ]);
    expect(broken).toEqual([]);
  });

  it('are woken once for all commands of a turn of the event loop', async () => {
    for (let i = 0; i < 3; i++) workers.append(0, 1, 0, i, 0, 13, Buffer.from('a'));
    workers.tell(0, { kind: 'check-files', slot: 1 });
    expect(link.commandWakes).toBe(0);
    await nextTurn();
    expect(link.commandWakes).toBe(1);
  });

  it('get what a full ring refused later, in order, and new requests wait for that long', async () => {
    const records = Buffer.from('r'.repeat(5000));
    let sent = 0;
    while (!workers.isBackedUp) workers.append(0, 1, sent++, 0, -1, 13, records);
    const answered = workers.control(0, { kind: 'checkpoint' });
    // The caller's buffer is its own again.
    records.fill('z');
    while (workers.isBackedUp) {
      expect(link.worker.drain(4)).toBeGreaterThan(0);
      workers.drain();
    }
    link.worker.drain(100);
    const appends = worker.told.filter(([kind]) => kind === 'append');
    expect(appends.map((told) => told[2])).toEqual(Array.from({ length: sent }, (_, i) => i));
    expect(appends.every((told) => String(told[6]).startsWith('rrr'))).toBe(true);
    const [, ticket] = worker.told.at(-1) as [string, number];
    link.front.controlAnswer(ticket, { error: 0, checkpoints: [] });
    workers.drain();
    expect(await answered).toEqual({ error: 0, checkpoints: [] });
  });

  it('hear of a sync when all of its files and directories are through, with the first errno', async () => {
    const synced: unknown[] = [];
    let endSync = (_errno: number): void => {};
    disk({
      sync(descriptor) {
        synced.push(descriptor);
        return descriptor === 10 ? Promise.resolve(0) : new Promise((end) => (endSync = end));
      },
      async syncDirectory(path) {
        synced.push(path);
        return 0;
      },
    });
    link.front.sync(3, [10, 11], ['/d']);
    workers.drain();
    await nextTurn();
    expect(synced).toEqual([10, 11, '/d']);
    expect(link.worker.drain(10)).toBe(0);
    endSync(5);
    await nextTurn();
    expect(link.worker.drain(10)).toBe(1);
    expect(worker.told).toEqual([['synced', 3, 5]]);
    expect(workers.syncCount).toBe(1);
  });

  it('have paths removed that they ask for', () => {
    const removed: string[] = [];
    disk({ remove: (path) => removed.push(path) });
    link.front.event({ kind: 'remove-path', slot: -1, path: '/d/old' });
    workers.drain();
    expect(removed).toEqual(['/d/old']);
    expect(drained).toBeGreaterThan(0);
  });

  it('answer a coordinated request under its ticket, and each ticket is used again', () => {
    const bodies: string[] = [];
    const asker = { onCoordinated: (body: Buffer) => bodies.push(body.toString()) };
    const call = { slot: 1, apiKey: 11, apiVersion: 9, clientId: '', clientHost: '' };
    const first = workers.coordinate(0, { ...call, body: Buffer.from('q') }, asker);
    link.front.coordinated(first, Buffer.from('a'));
    workers.drain();
    const second = workers.coordinate(0, { ...call, body: Buffer.from('q') }, asker);
    expect(second).toBe(first);
    link.front.coordinated(second, Buffer.from('b'));
    workers.drain();
    expect(bodies).toEqual(['a', 'b']);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FrontAdapter, type ReplyHandler } from '../../src/exchange/front-adapter.ts';
import { PARTITION_DOUBLES, PARTITION_WORDS } from '../../src/exchange/messages.ts';
import { RecordingWorker } from '../support/recording-worker.ts';
import { ThreadLink } from '../support/thread-link.ts';

/** More than an eighth of the ring, which no message in it may be. */
const LONG = 'x'.repeat(20_000);
const POSITION = { offset: 9, segmentBase: 4, position: 512 };
const STATE = {
  slot: 7,
  logStartOffset: 2,
  logEnd: { offset: 11, segmentBase: 4, position: 700 },
  limits: { highWatermark: POSITION, lastStable: POSITION },
  abortedCount: 3,
};

let worker: RecordingWorker;
let link: ThreadLink;

beforeEach(() => {
  worker = new RecordingWorker();
  link = new ThreadLink(worker);
});

afterEach(() => link.close());

describe('commands', () => {
  it('come to the worker as they were sent, in their order', () => {
    const call = { slot: 3, apiKey: 11, apiVersion: 9, clientId: 'é', clientHost: '10.0.0.1' };
    expect(link.proxy.append(1, 2, 3, -1, 13, Buffer.from('records'))).toBe(true);
    expect(link.proxy.control(4, { kind: 'load', slot: 1 })).toBe(true);
    expect(link.proxy.coordinate(5, { ...call, body: Buffer.from('body'), guard: 7 })).toBe(true);
    expect(link.proxy.synced(1, 28)).toBe(true);
    expect(link.worker.drain(10)).toBe(4);
    expect(worker.told).toEqual([
      ['append', 1, 2, 3, -1, 13, 'records'],
      ['control', 4, { kind: 'load', slot: 1 }],
      ['coordinate', 5, { ...call, body: 'body', guard: 7 }],
      ['synced', 1, 28],
    ]);
  });

  it('that are too long for the ring come beside it, in their place', () => {
    link.proxy.append(1, 1, 0, -1, 13, Buffer.from('before'));
    link.proxy.append(1, 2, 0, -1, 13, Buffer.from(LONG));
    link.proxy.append(1, 3, 0, -1, 13, Buffer.from('behind'));
    expect(link.worker.drain(10)).toBe(3);
    expect(worker.told.map((told) => told[6])).toEqual(['before', LONG, 'behind']);
  });

  it('are taken no more than were asked for', () => {
    for (let i = 0; i < 5; i++) link.proxy.synced(i, 0);
    expect(link.worker.drain(2)).toBe(2);
    expect(link.worker.drain(10)).toBe(3);
    expect(link.worker.drain(10)).toBe(0);
    expect(worker.told.map((told) => told[1])).toEqual([0, 1, 2, 3, 4]);
  });

  it('are refused by a full ring, and taken again once the worker has read', () => {
    const records = Buffer.from('r'.repeat(4900));
    let taken = 0;
    while (link.proxy.append(1, taken, 0, -1, 13, records)) taken++;
    expect(taken).toBeGreaterThan(5);
    expect(link.proxy.control(1, { kind: 'checkpoint' })).toBe(true);
    expect(link.proxy.append(1, taken, 0, -1, 13, records)).toBe(false);
    link.worker.drain(taken);
    expect(link.proxy.append(1, taken, 0, -1, 13, records)).toBe(true);
    link.worker.drain(10);
    const tickets = worker.told.filter(([kind]) => kind === 'append').map((told) => told[2]);
    expect(tickets).toEqual(Array.from({ length: taken + 1 }, (_, i) => i));
  });
});

describe('replies', () => {
  const told: unknown[][] = [];
  const handler: ReplyHandler = {
    onPartition(words, doubles, at) {
      const fields = [PARTITION_WORDS.SLOT, PARTITION_WORDS.TICKET, PARTITION_WORDS.ERROR];
      const numbers = fields.map((field) => words[(at >> 2) + field]);
      const { BASE_OFFSET, LOG_START, LOG_END, HIGH_WATERMARK } = PARTITION_DOUBLES;
      for (const field of [BASE_OFFSET, LOG_START, LOG_END, HIGH_WATERMARK]) {
        numbers.push(doubles[(at >> 3) + field]);
      }
      told.push(['partition', ...numbers]);
    },
    onControl: (ticket, answer) => told.push(['control', ticket, answer]),
    onCoordinated: (ticket, body) => told.push(['coordinated', ticket, body.toString('latin1')]),
    onSync: (...words) => told.push(['sync', ...words]),
    onEvent: (_worker, event) => told.push(['event', event]),
  };

  beforeEach(() => {
    told.length = 0;
  });

  it('come to the front as they were sent, in their order, with one wake a batch', () => {
    const adapter = new FrontAdapter(link.inbox, 1, handler);
    link.front.partition(STATE, 5, 0, 45, 8, -1);
    link.front.controlAnswer(6, { error: 0 });
    link.front.coordinated(7, Buffer.from(LONG));
    link.front.sync(3, [10, 11], ['/d/a-0', '/d']);
    link.front.event({ kind: 'offline', slot: 3, reason: 'EIO', isOfDisk: true });
    expect(link.replyWakes).toBe(0);
    link.front.flush();
    link.front.flush();
    expect(link.replyWakes).toBe(1);
    expect(adapter.drain(10)).toBe(5);
    expect(told).toEqual([
      ['partition', 7, 5, 45, 8, 2, 11, 9],
      ['control', 6, { error: 0 }],
      ['coordinated', 7, LONG],
      ['sync', 1, 3, [10, 11], ['/d/a-0', '/d']],
      ['event', { kind: 'offline', slot: 3, reason: 'EIO', isOfDisk: true }],
    ]);
  });

  it('to a sync without directories name none', () => {
    const adapter = new FrontAdapter(link.inbox, 0, handler);
    link.front.sync(3, [10], []);
    adapter.drain(1);
    expect(told).toEqual([['sync', 0, 3, [10], []]]);
  });
});

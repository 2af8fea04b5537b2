import { describe, expect, it } from 'vitest';
import { RecordHeaders } from '#millrace/client/consumer/records/record-headers';
import { AsyncNode } from '#millrace/streams/tasks/async-node';
import { type HeldOffset, HeldOffsets } from '#millrace/streams/tasks/held-offsets';
import type { AsyncOperator } from '#millrace/streams/topology/async-operator';
import type { NodeContext } from '#millrace/streams/topology/node-context';

const NO_HEADERS = new RecordHeaders([]);

/** Calls end when the test says so. */
class Bench {
  nowMs = 0;
  readonly sent: unknown[] = [];
  readonly failed: string[] = [];
  readonly calls: { value: unknown; resolve(result: unknown): void; reject(why: Error): void }[] =
    [];
  readonly offsets = new HeldOffsets();
  readonly node: AsyncNode;
  #offset = 0;

  constructor(more: Partial<AsyncOperator> = {}) {
    const operator: AsyncOperator = {
      call: ({ value }) =>
        new Promise((resolve, reject) => this.calls.push({ value, resolve, reject })),
      settle: (_context, _key, _value, _timestamp, _headers, result) => this.sent.push(result),
      concurrency: 2,
      order: 'none',
      timeoutMs: undefined,
      retries: 0,
      retryBackoffMs: 100,
      ...more,
    };
    this.node = new AsyncNode(operator, {
      systemTime: () => this.nowMs,
      hold: (): HeldOffset => this.offsets.hold(this.#offset),
      settling: (_held, run) => run(),
      wake: () => undefined,
      failed: (_node, _key, value, error) => this.failed.push(`${value}: ${String(error)}`),
    });
    const context = {
      node: 'enrich',
      topic: 't',
      partition: 0,
      offset: 0,
      withOrigin: (_origin: unknown, run: () => void) => run(),
    };
    this.node.open(context as unknown as NodeContext);
  }

  take(key: unknown, value: string): void {
    this.node.take(key, value, 0, NO_HEADERS);
    this.#offset++;
  }

  /** The call for this value ends, and what comes of it goes on. */
  async end(value: string): Promise<void> {
    this.calls.find((call) => call.value === value)!.resolve(value.toUpperCase());
    await this.settle();
  }

  async fail(value: string): Promise<void> {
    this.calls.findLast((call) => call.value === value)!.reject(new Error('no'));
    await this.settle();
  }

  async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.node.settle();
  }

  get called(): unknown[] {
    return this.calls.map(({ value }) => value);
  }
}

describe('an asynchronous node', () => {
  it('calls as many at once as it may, and the next when one is over', async () => {
    const bench = new Bench();
    for (const value of ['a', 'b', 'c']) bench.take(value, value);
    expect(bench.called).toEqual(['a', 'b']);
    await bench.end('b');
    expect(bench.called).toEqual(['a', 'b', 'c']);
    expect(bench.sent).toEqual(['B']);
  });

  it('sends on in the order of the records, though calls end in another', async () => {
    const bench = new Bench({ order: 'partition', concurrency: 3 });
    for (const value of ['a', 'b', 'c']) bench.take(value, value);
    await bench.end('c');
    await bench.end('b');
    expect(bench.sent).toEqual([]);
    await bench.end('a');
    expect(bench.sent).toEqual(['A', 'B', 'C']);
  });

  it('calls for one key one after the other, for others meanwhile', async () => {
    const bench = new Bench({ order: 'key', concurrency: 10 });
    bench.take('k', 'a');
    bench.take('k', 'b');
    bench.take('other', 'c');
    expect(bench.called).toEqual(['a', 'c']);
    await bench.end('a');
    expect(bench.called).toEqual(['a', 'c', 'b']);
  });

  it('tells keys of bytes and of objects by what they say', () => {
    const bench = new Bench({ order: 'key', concurrency: 10 });
    bench.take(new Uint8Array([1, 2]), 'a');
    bench.take(new Uint8Array([1, 2]), 'b');
    bench.take({ id: 1 }, 'c');
    bench.take({ id: 1 }, 'd');
    expect(bench.called).toEqual(['a', 'c']);
  });

  it('keeps the offset of the first record that is not through', async () => {
    const bench = new Bench({ concurrency: 3 });
    for (const value of ['a', 'b', 'c']) bench.take(value, value);
    await bench.end('b');
    expect(bench.offsets.first).toBe(0);
    await bench.end('a');
    expect(bench.offsets.first).toBe(2);
    await bench.end('c');
    expect(bench.offsets.first).toBe(Number.POSITIVE_INFINITY);
  });

  it('calls again after a pause, and gives up after the last attempt', async () => {
    const bench = new Bench({ retries: 1 });
    bench.take('k', 'a');
    await bench.fail('a');
    expect(bench.failed).toEqual([]);
    expect(bench.node.nextTime).toBe(100);
    bench.nowMs = 100;
    bench.node.settle();
    expect(bench.called).toEqual(['a', 'a']);
    await bench.fail('a');
    expect(bench.failed).toEqual(['a: Error: no']);
    expect(bench.node.unfinished).toBe(0);
  });

  it('gives up a call that takes too long, and does not hear its answer', async () => {
    const bench = new Bench({ timeoutMs: 50, concurrency: 1 });
    bench.take('k', 'a');
    bench.take('k', 'b');
    expect(bench.node.nextTime).toBe(50);
    bench.nowMs = 50;
    bench.node.settle();
    expect(bench.failed[0]).toContain('a call of enrich took over 50 ms');
    expect(bench.called).toEqual(['a', 'b']);
    await bench.end('a');
    expect(bench.sent).toEqual([]);
  });

  it('is full where four times its calls wait', () => {
    const bench = new Bench({ concurrency: 1 });
    for (const value of ['a', 'b', 'c']) bench.take(value, value);
    expect(bench.node.isFull).toBe(false);
    bench.take('d', 'd');
    expect(bench.node.isFull).toBe(true);
  });

  it('hears nothing after it is closed, with thousands under way', async () => {
    const bench = new Bench({ concurrency: 10_000 });
    for (let i = 0; i < 10_000; i++) bench.take(i, `${i}`);
    bench.node.close();
    for (const { resolve } of bench.calls) resolve('late');
    await new Promise((resolve) => setImmediate(resolve));
    expect(bench.sent).toEqual([]);
    expect(bench.node.unfinished).toBe(0);
    expect(bench.offsets.first).toBe(Number.POSITIVE_INFINITY);
  });

  it('takes what is thrown at once for a failed call', () => {
    const bench = new Bench({
      call: () => {
        throw new Error('at once');
      },
    });
    bench.take('k', 'a');
    bench.node.settle();
    expect(bench.failed).toEqual(['a: Error: at once']);
  });
});

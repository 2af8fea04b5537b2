import { describe, expect, it } from 'vitest';
import type { MeteredTask } from '#millrace/streams/metrics/metered-task';
import { NodeMeter } from '#millrace/streams/metrics/node-meter';
import { Spread } from '#millrace/streams/metrics/spread';
import { StoreMeter } from '#millrace/streams/metrics/store-meter';
import { type MeasuredInstance, StreamsMeters } from '#millrace/streams/metrics/streams-meters';
import { StreamsMetrics } from '#millrace/streams/metrics/streams-metrics';
import { TaskMeter } from '#millrace/streams/metrics/task-meter';

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

const SOURCE = 'KSTREAM-SOURCE-0000000000';
const SINK = 'KSTREAM-SINK-0000000001';

/** An instance of one task whose counters and clock the test moves. */
class Fixture {
  nowMs = 0;
  readonly source = new NodeMeter(SOURCE, 'source', ['orders']);
  readonly sink = new NodeMeter(SINK, 'sink', ['sums']);
  readonly meter = new TaskMeter(new Spread());
  readonly store = {
    name: 'sums',
    kind: 'key-value',
    rows: 0,
    reads: 0,
    writes: 0,
    bufferBytes: null as number | null,
    cached: { writes: 0, hits: 0, bytes: 0 },
    meter: null as StoreMeter | null,
  };
  tasks: MeteredTask[];
  readonly instance: Writable<Omit<MeasuredInstance, 'consumed' | 'produced'>>;
  readonly meters: StreamsMeters;
  readonly metrics: StreamsMetrics;

  constructor(level: 'INFO' | 'DEBUG' = 'INFO') {
    this.meter.nodes.push(this.source, this.sink);
    const { meter, store } = this;
    this.tasks = [
      {
        name: '0_3',
        isStandby: false,
        isRunning: true,
        meter,
        buffered: 7,
        enforced: 3,
        lags: [{ node: SOURCE, lag: 12 }],
        stores: [store],
        restored: { rows: 5, remaining: 2 },
      },
    ];
    const windows = { samples: 2, windowMs: 30_000 };
    this.meters = new StreamsMeters({
      clientId: 'app-1',
      thread: 'app-1-StreamThread-1',
      windows,
      level,
      now: () => this.nowMs,
    });
    const tasks = () => this.tasks;
    const bytes = () => new Map([['orders', { rate: 5, total: 50 }]]);
    this.instance = { state: 2, hasFailed: false, tasks, restored: 5, isPaused: false };
    this.meters.measure(Object.assign(this.instance, { consumed: bytes, produced: bytes }));
    const source = {
      registry: this.meters.registry,
      refresh: () => this.meters.refresh(),
      about: () => ({ applicationId: 'app', state: 'RUNNING', topologyDescription: '' }),
      ofClients: () => [],
    };
    this.metrics = Reflect.construct(StreamsMetrics, [source]) as StreamsMetrics;
  }

  take(records: number): void {
    this.meter.processed += records;
    this.source.taken += records;
    this.sink.taken += records;
  }
}

describe('the metrics of streams', () => {
  it('measure ages of all records where few wait, and of some where many do', () => {
    const meter = new TaskMeter(new Spread());
    const measured = (waiting: number) => {
      return Array.from({ length: 160 }, () => meter.next(waiting)).filter(Boolean).length;
    };
    expect([measured(0), measured(15), measured(1_000)]).toEqual([160, 160, 10]);
    expect(meter.processed).toBe(480);
  });

  it('make rates of counters, by task, node and topic', () => {
    const fixture = new Fixture();
    fixture.meters.sample();
    fixture.nowMs = 1_000;
    fixture.take(600);
    fixture.meters.sample();
    fixture.nowMs = 31_000;
    fixture.take(300);
    const { tasks, nodes, topics } = fixture.metrics.snapshot();
    expect(tasks['0_3']!['process-total']).toBe(900);
    // From the first value on: 900 records in 30 s, and the window before counts as whole.
    expect(tasks['0_3']!['process-rate']).toBeCloseTo(900 / 30, 5);
    expect(nodes[`0_3/${SOURCE}`]!['process-total']).toBe(900);
    expect(topics[`0_3/${SOURCE}/orders`]!['records-consumed-total']).toBe(900);
    expect(topics[`0_3/${SINK}/sums`]!['records-produced-total']).toBe(900);
    expect(topics.orders).toEqual({
      'bytes-consumed-rate': 5,
      'bytes-consumed-total': 50,
      'bytes-produced-rate': 5,
      'bytes-produced-total': 50,
    });
  });

  it('tell of ages, lateness, drops, buffers and restoration', () => {
    const fixture = new Fixture();
    for (const age of [10, 30]) fixture.source.ages.add(age);
    fixture.take(2);
    fixture.meter.lateness.add(500);
    fixture.meters.onDropped('0_3', SOURCE, 'late-window');
    fixture.meters.onDropped('0_3', SOURCE, 'null-key');
    const { tasks, nodes } = fixture.metrics.snapshot();
    const { 'record-e2e-latency-avg': age, 'record-e2e-latency-min': youngest } =
      nodes[`0_3/${SOURCE}`]!;
    expect([age, youngest]).toEqual([20, 10]);
    expect(tasks['0_3']).toMatchObject({
      'record-lateness-avg': 250,
      'record-lateness-max': 500,
      'dropped-records-total': 2,
      'active-buffer-count': 7,
      'restore-total': 5,
      'restore-remaining-records-total': 2,
    });
    expect(fixture.meters.dropped.at('0_3', SOURCE)).toEqual({ late: 1, all: 2 });
  });

  it('tell of turns, commits and punctuations of the thread', () => {
    const fixture = new Fixture();
    const { thread } = fixture.meters;
    thread.onPolled(100, 1);
    thread.onProcessed(100, 5);
    thread.onProcessed(0, 5);
    thread.onCommitted(20);
    fixture.meter.punctuations.add(4);
    const [values] = Object.values(fixture.metrics.snapshot().threads);
    expect(values).toMatchObject({
      'poll-records-avg': 100,
      'process-records-max': 100,
      'process-latency-avg': 0.05,
      'process-total': 100,
      'commit-total': 1,
      'commit-latency-max': 20,
      'punctuate-total': 1,
      'punctuate-latency-avg': 4,
      'task-created-total': 1,
      'blocked-time-ns-total': 20e6,
      'active-restoring-tasks': 1,
    });
  });

  it('count tasks as paused while they are not restored', () => {
    const fixture = new Fixture();
    fixture.tasks.push({ ...fixture.tasks[0]!, name: '0_4', meter: null, isStandby: true });
    const counts = () => {
      const [values] = Object.values(fixture.metrics.snapshot().threads);
      const of = (name: string) => (values as Record<string, number>)[name];
      return ['active-restoring', 'standby-updating', 'active-paused', 'standby-paused'].map(
        (name) => of(`${name}-tasks`),
      );
    };
    expect(counts()).toEqual([1, 1, 0, 0]);
    fixture.instance.isPaused = true;
    expect(counts()).toEqual([0, 0, 1, 1]);
  });

  it('tell what the thread does for its changelogs', () => {
    const fixture = new Fixture();
    fixture.meters.sample();
    fixture.nowMs = 30_000;
    const { thread } = fixture.meters;
    thread.restores.add(6_000);
    thread.updates.add(3_000);
    thread.checkpoints.add(6_000);
    const [values] = Object.values(fixture.metrics.snapshot().threads);
    // Two windows of 30 s, of which the one before counts as whole.
    expect(values).toMatchObject({
      'active-restore-ratio': 0.2,
      'standby-update-ratio': 0.1,
      'checkpoint-ratio': 0.2,
      'idle-ratio': 0.5,
    });
  });

  it('tell of stores, suppression buffers and the record cache', () => {
    const fixture = new Fixture();
    fixture.meters.sample();
    Object.assign(fixture.store, { rows: 3, writes: 10, cached: { writes: 10, hits: 4 } });
    fixture.sink.suppressed = 2;
    fixture.source.closed = 3;
    const { stores, caches, nodes } = fixture.metrics.snapshot();
    expect(stores['0_3/sums']!['num-keys']).toBe(3);
    expect(caches['0_3/sums']!['hit-ratio-avg']).toBe(0.4);
    expect(nodes[`0_3/${SINK}`]!['suppression-emit-total']).toBe(2);
    expect(nodes[`0_3/${SOURCE}`]!['window-aggregate-final-emit-total']).toBe(3);
  });

  it('go with their task, and say under which names Kafka has them', () => {
    const fixture = new Fixture();
    const names = new Set(fixture.metrics.list().map(({ group, name }) => `${group} ${name}`));
    expect(names).toContain('stream-thread-metrics process-rate');
    expect(names).toContain('stream-task-metrics dropped-records-total');
    expect(names).toContain('stream-processor-node-metrics record-e2e-latency-max');
    expect(names).toContain('stream-state-updater-metrics active-restoring-tasks');
    const [dropped] = fixture.metrics.list().filter(({ name }) => name === 'dropped-records-total');
    expect(dropped!.tags).toMatchObject({
      'thread-id': 'app-1-StreamThread-1',
      'task-id': '0_3',
    });
    fixture.tasks = [];
    const { tasks, nodes, topics, stores, threads } = fixture.metrics.snapshot();
    expect([tasks, nodes, stores]).toEqual([{}, {}, {}]);
    expect(Object.keys(topics)).toEqual(['orders']);
    expect(Object.values(threads)[0]!['task-closed-total']).toBe(1);
  });

  it('never have the same line twice in their text for Prometheus', () => {
    const fixture = new Fixture();
    fixture.take(5);
    const lines = fixture.metrics
      .prometheus()
      .split('\n')
      .filter((line) => /^kafka/.test(line));
    const heads = lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
    expect(new Set(heads).size).toBe(heads.length);
    expect(heads.some((head) => head.startsWith('kafka_stream_task_process_total{'))).toBe(true);
  });

  it('say which share of the time of all tasks each of them has', () => {
    const fixture = new Fixture();
    const other = new TaskMeter(new Spread());
    fixture.tasks.push({ ...fixture.tasks[0]!, name: '0_4', meter: other, stores: [] });
    fixture.meters.sample();
    fixture.meter.onTurn(10, 30);
    other.onTurn(5, 10);
    const { tasks, threads } = fixture.metrics.snapshot();
    const ratios = Object.values(tasks).map((task) => task['active-process-ratio']);
    expect(ratios).toEqual([0.75, 0.25]);
    expect(tasks['0_3']).not.toHaveProperty('process-latency-avg');
    expect(Object.values(threads)[0]).toMatchObject({ 'thread-state': 4, 'idle-ratio': 1 });
    fixture.nowMs = 1_000;
    expect(fixture.metrics.snapshot().tasks['0_3']!['active-process-ratio']).toBe(0);
  });

  it('have what calls of stores took at the level DEBUG', () => {
    const fixture = new Fixture('DEBUG');
    const meter = new StoreMeter(['put', 'range', 'restore'], false);
    fixture.store.meter = meter;
    fixture.store.cached.bytes = 640;
    fixture.meter.onTurn(10, 1);
    for (const tookNs of [100, 300]) meter.onCall('put', tookNs);
    meter.onIteration('range', 7_000);
    meter.open.set({}, 123);
    const { client, tasks, stores } = fixture.metrics.snapshot();
    expect(client['recording-level']).toBe(1);
    expect(tasks['0_3']).toMatchObject({
      'process-latency-avg': 100_000,
      'enforced-processing-total': 3,
      'cache-size-bytes-total': 640,
    });
    expect(stores['0_3/sums']).toMatchObject({
      'put-latency-avg': 200,
      'put-latency-max': 300,
      'range-latency-max': 7_000,
      'iterator-duration-avg': 7_000,
      'num-open-iterators': 1,
      'oldest-iterator-open-since-ms': 123,
    });
    expect(stores['0_3/sums']!['restore-latency-avg']).toBeNaN();
    expect(stores['0_3/sums']).not.toHaveProperty('record-e2e-latency-avg');
    const names = fixture.metrics.list().map(({ name, tags }) => `${name} ${JSON.stringify(tags)}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

import { describe, expect, it } from 'vitest';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { resumingHandlers } from '#millrace/streams/tasks/default-handlers';
import { TestDriver } from '#millrace/streams/testing/test-driver';
import type { Processor, ProcessorContext } from '#millrace/streams/topology/processor';
import type { StreamRecord } from '#millrace/streams/topology/stream-record';
import { Topology } from '#millrace/streams/topology/topology';
import { type MapStore, mapStore } from '../support/map-store.ts';

const input = topic('input', { key: text, value: text });
const second = topic('input-2', { key: text, value: text });
const output = topic('output', { key: text, value: text });

type Text = string | null;

class Forwarding implements Processor<Text, Text> {
  readonly seen: StreamRecord<Text, Text>[] = [];
  context!: ProcessorContext<Text, Text>;
  isClosed = false;

  init(context: ProcessorContext<Text, Text>): void {
    this.context = context;
  }

  process(record: StreamRecord<Text, Text>): void {
    this.seen.push(record);
    this.context.forward(record);
  }

  close(): void {
    this.isClosed = true;
  }
}

/** Appends all values of a key. */
class Appending extends Forwarding {
  override process({ key, value }: StreamRecord<Text, Text>): void {
    const store = this.context.store<MapStore>('sums');
    store.put(key!, `${store.get(key!) ?? ''}${value}`);
    this.context.forward({ key, value: store.get(key!)! });
  }
}

function piped(): { topology: Topology; processor: Forwarding } {
  const processor = new Forwarding();
  const topology = new Topology()
    .addSource('source', input)
    .addProcessor('process', () => processor, { parents: ['source'] })
    .addSink('sink', output, { parents: ['process'] });
  return { topology, processor };
}

function summing(): Topology {
  return new Topology()
    .addSource('source', input)
    .addProcessor('process', () => new Appending(), { parents: ['source'] })
    .addStateStore(mapStore('sums'), 'process')
    .addSink('sink', output, { parents: ['process'] });
}

/** Kafka's TopologyTestDriverTest, by its names where the case is the same. */
describe('test driver', () => {
  it('shouldInitProcessor, shouldCloseProcessor', () => {
    const { topology, processor } = piped();
    const driver = new TestDriver(topology);
    expect(processor.context).toBeDefined();
    driver.close();
    expect(processor.isClosed).toBe(true);
  });

  it('shouldThrowForUnknownTopic', () => {
    using driver = new TestDriver(piped().topology);
    const unknown = driver.input(topic('unknown', { key: text, value: text }));
    expect(() => unknown.send({ value: 'v' })).toThrow('no source of the topology reads topic');
  });

  it('shouldProcessRecordForTopic, shouldSetRecordMetadata', () => {
    const { topology, processor } = piped();
    using driver = new TestDriver(topology);
    const headers = [['h', 'x']] as const;
    driver.input(input).send({ key: 'k', value: 'v', timestamp: 42, headers });
    expect(processor.seen).toMatchObject([{ key: 'k', value: 'v', timestamp: 42 }]);
    const [read] = driver.output(output).readAll();
    expect(read).toMatchObject({ key: 'k', value: 'v', timestamp: 42, partition: 0 });
    expect(read!.headers.text('h')).toBe('x');
  });

  it('shouldSendRecordViaCorrectSourceTopic', () => {
    const first = new Forwarding();
    const other = new Forwarding();
    const topology = new Topology()
      .addSource('source-1', input)
      .addSource('source-2', second)
      .addProcessor('process-1', () => first, { parents: ['source-1'] })
      .addProcessor('process-2', () => other, { parents: ['source-2'] });
    using driver = new TestDriver(topology);
    driver.input(second).send({ key: 'k', value: 'v' });
    expect([first.seen.length, other.seen.length]).toEqual([0, 1]);
  });

  it('shouldForwardRecordsFromSubtopologyToSubtopology', () => {
    const topology = new Topology()
      .addSource('source-1', input)
      .addSink('sink-1', 'between', { parents: ['source-1'], key: text, value: text })
      .addSource('source-2', 'between', { key: text, value: text })
      .addSink('sink-2', output, { parents: ['source-2'] });
    using driver = new TestDriver(topology);
    driver.input(input).send({ key: 'k', value: 'v', timestamp: 5 });
    expect(driver.topics()).toEqual(['between', 'input', 'output']);
    expect(driver.output(output).read()).toMatchObject({ key: 'k', value: 'v', timestamp: 5 });
  });

  it('shouldPopulateGlobalStore', () => {
    const topology = new Topology()
      .addGlobalStore(mapStore('global'), second, () => new Filling('global'), {
        source: 'global-source',
        processor: 'global-processor',
      })
      .addSource('source', input)
      .addSink('sink', output, { parents: ['source'] });
    using driver = new TestDriver(topology);
    driver.input(second).send({ key: 'k', value: 'v' });
    expect(driver.store<MapStore>('global').get('k')).toBe('v');
    driver.crash();
    expect(driver.store<MapStore>('global').get('k')).toBe('v');
  });

  it('shouldPunctuateOnStreamsTime', () => {
    const calls: number[] = [];
    using driver = new TestDriver(punctuated('stream-time', calls));
    const times = [42, 42, 51, 52, 61, 65, 71, 72, 95, 101, 102];
    driver.input(input).sendAll(times.map((timestamp) => ({ value: 'v', timestamp })));
    expect(calls).toEqual([42, 51, 61, 71, 95, 101]);
  });

  it('shouldPunctuateOnWallClockTime', () => {
    const calls: number[] = [];
    using driver = new TestDriver(punctuated('wall-clock', calls));
    for (const ms of [5, 9, 1, 10, 20, 20]) driver.advance(ms);
    expect(calls).toEqual([14, 25, 45, 65]);
  });

  it('shouldReturnAllStores', () => {
    using driver = new TestDriver(summing());
    expect([...driver.stores().keys()]).toEqual(['sums']);
  });

  it('shouldEnqueueLaterOutputsAfterEarlierOnes', () => {
    const counting: () => Processor<Text, Text> = () => {
      const processor = new Forwarding();
      processor.process = ({ value }) => {
        const number = Number(value);
        for (let i = 0; i < number; i++) {
          processor.context.forward({ key: null, value: `${number}-${i}` }, 'sink');
          processor.context.forward({ key: null, value: `${number - 1}` }, 'recursive');
        }
      };
      return processor;
    };
    const topology = new Topology()
      .addSource('source', input)
      .addProcessor('recursion', counting, { parents: ['source'] })
      .addSink('recursive', input, { parents: ['recursion'] })
      .addSink('sink', output, { parents: ['recursion'] });
    using driver = new TestDriver(topology);
    driver.input(input).send({ value: '2' });
    expect(driver.output(output).readValues()).toEqual(['2-0', '2-1', '1-0', '1-0']);
  });

  it('shouldRespectTaskIdling', () => {
    const topology = new Topology()
      .addSource('source-1', input)
      .addSource('source-2', second)
      .addSink('sink', output, { parents: ['source-1', 'source-2'] });
    using driver = new TestDriver(topology, { maxTaskIdleMs: 1_000 });
    driver.input(input).send({ value: 'A', timestamp: 10 });
    expect(driver.output(output).isEmpty).toBe(true);
    driver.input(second).send({ value: 'B', timestamp: 9 });
    expect(driver.output(output).readValues()).toEqual(['B']);
    driver.advance(1_000);
    expect(driver.output(output).readValues()).toEqual(['A']);
  });

  it('shouldProcessFromSourceThatMatchPattern', () => {
    const topology = new Topology()
      .addSource('source', /^in-.*$/, { key: text, value: text })
      .addSink('sink', output, { parents: ['source'] });
    using driver = new TestDriver(topology);
    driver.input(topic('in-a', { key: text, value: text })).send({ value: 'v' });
    expect(driver.output(output).readValues()).toEqual(['v']);
  });
});

describe('test driver with partitions', () => {
  it('gives each partition a task and stores of its own', () => {
    using driver = new TestDriver(summing(), { partitions: 3 });
    const source = driver.input(input);
    for (const partition of [0, 1, 2, 1])
      source.send({ key: 'k', value: `${partition}`, partition });
    const sums = [0, 1, 2].map((partition) => driver.store<MapStore>('sums', partition).get('k'));
    expect(sums).toEqual(['0', '11', '2']);
  });

  it('sends what one key has to one partition', () => {
    const topology = new Topology()
      .addSource('source-1', input)
      .addSink('sink-1', 'between', { parents: ['source-1'], key: text, value: text })
      .addSource('source-2', 'between', { key: text, value: text })
      .addProcessor('process', () => new Appending(), { parents: ['source-2'] })
      .addStateStore(mapStore('sums'), 'process');
    using driver = new TestDriver(topology, { partitions: 4 });
    for (let i = 0; i < 8; i++)
      driver.input(input).send({ key: 'k', value: `${i}`, partition: i % 4 });
    const sums = [0, 1, 2, 3].map((each) => driver.store<MapStore>('sums', each).get('k'));
    expect(sums.filter((sum) => sum !== undefined)).toEqual(['01234567']);
  });
});

describe('a crash of the test driver', () => {
  it('brings stores back from their changelogs', () => {
    using driver = new TestDriver(summing());
    driver.input(input).sendAll([
      { key: 'k', value: 'a' },
      { key: 'k', value: 'b' },
    ]);
    driver.crash();
    driver.input(input).send({ key: 'k', value: 'c' });
    expect(driver.output(output).readValues()).toEqual(['a', 'ab', 'abc']);
    expect(driver.records('test-sums-changelog')).toHaveLength(3);
  });

  it('repeats at least once what was not committed', () => {
    using driver = new TestDriver(summing(), { commits: 'by-hand' });
    driver.input(input).send({ key: 'k', value: 'a' });
    driver.commit();
    driver.input(input).send({ key: 'k', value: 'b' });
    driver.crash();
    expect(driver.output(output).readValues()).toEqual(['a', 'ab', 'abb']);
  });

  it('shows exactly once what is committed', () => {
    const processingGuarantee = 'exactly_once_v2';
    using driver = new TestDriver(summing(), { commits: 'by-hand', processingGuarantee });
    driver.input(input).send({ key: 'k', value: 'a' });
    driver.commit();
    driver.input(input).send({ key: 'k', value: 'b' });
    driver.crash();
    expect(driver.output(output).readValues()).toEqual(['a']);
    driver.commit();
    expect(driver.output(output).readValues()).toEqual(['ab']);
  });

  it('keeps the time of partitions', () => {
    const { topology, processor } = piped();
    using driver = new TestDriver(topology);
    driver.input(input).send({ value: 'v', timestamp: 70 });
    driver.crash();
    expect(processor.context.currentStreamTime).toBe(70);
  });
});

describe('errors in the test driver', () => {
  const failing = () => {
    const processor = new Forwarding();
    processor.process = (record) => {
      if (record.value === 'bad') throw new Error('cannot bear it');
      processor.context.forward(record);
    };
    return new Topology()
      .addSource('source', input)
      .addProcessor('process', () => processor, { parents: ['source'] })
      .addSink('sink', output, { parents: ['process'] });
  };

  it('end the call with the place where they came up', () => {
    const driver = new TestDriver(failing());
    const send = () => driver.input(input).send({ value: 'bad' });
    const place = 'taskId=0_0, processor=process, topic=input, partition=0, offset=0';
    expect(send).toThrow(`${place}: cannot bear it`);
  });

  it('leave the record out where the handler says so, and keep it in the dead letter topic', () => {
    using driver = new TestDriver(failing(), { handlers: resumingHandlers('dead') });
    driver.input(input).sendAll([{ value: 'bad', timestamp: 3 }, { value: 'good' }]);
    expect(driver.output(output).readValues()).toEqual(['good']);
    expect(driver.dropped).toEqual([{ node: 'process', reason: 'error' }]);
    const [letter] = driver.output(topic('dead', { key: text, value: text })).readAll();
    expect(letter).toMatchObject({ value: 'bad', timestamp: 3 });
    expect(letter!.headers.text('__streams.errors.message')).toBe('cannot bear it');
    expect(letter!.headers.text('__streams.errors.offset')).toBe('0');
  });

  it('of the deserializer pass the record by, and its offset is committed', () => {
    const broken = {
      ...text,
      deserialize: () => {
        throw new Error('no text');
      },
    };
    const topology = new Topology()
      .addSource('source', topic('input', { key: text, value: broken }))
      .addSink('sink', output, { parents: ['source'] });
    using driver = new TestDriver(topology, { handlers: resumingHandlers() });
    driver.input(input).send({ value: 'v' });
    driver.crash();
    expect(driver.dropped).toEqual([{ node: 'source', reason: 'deserialization' }]);
  });
});

class Filling extends Forwarding {
  readonly #store: string;

  constructor(store: string) {
    super();
    this.#store = store;
  }

  override process({ key, value }: StreamRecord<Text, Text>): void {
    this.context.store<MapStore>(this.#store).put(key!, value!);
  }
}

function punctuated(clock: 'stream-time' | 'wall-clock', calls: number[]): Topology {
  const processor = new Forwarding();
  processor.init = (context) => {
    processor.context = context;
    context.schedule(10, clock, (timestamp) => calls.push(timestamp));
  };
  return new Topology()
    .addSource('source', input)
    .addProcessor('process', () => processor, { parents: ['source'] });
}

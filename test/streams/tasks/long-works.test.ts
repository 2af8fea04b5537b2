import { describe, expect, it } from 'vitest';
import { RecordHeaders } from '#millrace/client/consumer/records/record-headers';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { untilWindowCloses } from '#millrace/streams/dsl/suppressed';
import { tumbling } from '#millrace/streams/dsl/windows';
import { int64 } from '#millrace/streams/serde/numbers';
import { timeWindowed } from '#millrace/streams/serde/windowed';
import { makeStore } from '#millrace/streams/state/make-store';
import { failingHandlers } from '#millrace/streams/tasks/default-handlers';
import { Task } from '#millrace/streams/tasks/task';
import type { TaskEnvironment } from '#millrace/streams/tasks/task-environment';
import { MemoryTopic } from '#millrace/streams/testing/memory-topic';

const KEYS = 10_000;
const ROOM = 100;
const input = topic('input', { key: text, value: text });
const output = topic('output', { key: timeWindowed(text, 10), value: int64 });

/** An output that takes so many records before it must be emptied. */
class NarrowOutput {
  sent = 0;
  taken = 0;
  most = 0;

  get isFull(): boolean {
    return this.taken >= ROOM;
  }

  send(name: string): void {
    if (name !== output.name) return;
    this.sent++;
    this.taken++;
    this.most = Math.max(this.most, this.taken);
  }

  partitionCount(): number {
    return 1;
  }
}

function taskWith(builder: StreamsBuilder, sink: NarrowOutput): Task {
  const environment: TaskEnvironment = {
    applicationId: 'app',
    output: sink,
    defaultKey: undefined,
    defaultValue: undefined,
    defaultExtractor: undefined,
    handlers: failingHandlers(),
    emitIntervalMs: 0,
    now: () => 0,
    makeStore: (spec) => makeStore(spec),
    globalStores: new Map(),
    directoryOf: () => undefined,
    wake: () => undefined,
    onDropped: () => undefined,
  };
  const [plan] = builder.build().plan().subtopologies;
  const pace = { maxIdleMs: 0, lagOf: () => 0 };
  const task = new Task({ subtopology: 0, partition: 0 }, plan!, environment, pace);
  task.stores.open();
  return task;
}

describe('a record that closes thousands of windows at once', () => {
  it.each(['on-close', 'suppress'] as const)('waits for room in between: %s', (how) => {
    const builder = new StreamsBuilder();
    const windows = builder.stream(input).groupByKey().windowedBy(tumbling(10));
    const table =
      how === 'on-close'
        ? windows.emitStrategy('on-close').count({ as: 'counts' })
        : windows.count({ as: 'counts' }).suppress(untilWindowCloses());
    table.toStream().to(output);
    const sink = new NarrowOutput();
    const task = taskWith(builder, sink);
    const queue = task.addPartition({ topic: 'input', partition: 0 });
    task.open();
    const records = new MemoryTopic('input', 1);
    const headers = RecordHeaders.NONE;
    for (let i = 0; i < KEYS; i++) {
      records.recordsOf(0).add(`k${i}`, 'x', 5, headers);
    }
    for (const timestamp of [50, 51]) {
      records.recordsOf(0).add('last', 'x', timestamp, headers);
    }
    task.add(queue, records.chunk(0, 0, KEYS + 2));
    for (let i = 0; i <= KEYS; i++) expect(task.process(0)).toBe(true);
    expect(sink.sent).toBe(ROOM);
    expect(task.unfinished).toBe(1);
    expect(task.process(0)).toBe(false);
    expect(task.offsets()[0]!.offset).toBe(KEYS);
    while (task.unfinished > 0) {
      sink.taken = 0;
      expect(task.settle()).toBe(true);
    }
    expect(sink.sent).toBe(KEYS);
    expect(sink.most).toBe(ROOM);
    expect(task.offsets()[0]!.offset).toBe(KEYS + 1);
    sink.taken = 0;
    expect(task.process(0)).toBe(true);
    task.close();
  });
});

import type { Cancellable, NodeContext, PunctuationClock } from './node-context.ts';
import type { ForwardedRecord, ProcessorContext, TaskView } from './processor.ts';
import { refusePromise } from './refuse-promise.ts';
import type { StateStore } from './state-store.ts';
import type { TaskId } from './task-id.ts';
import { TopologyError } from './topology-error.ts';

/** The shortest interval of a punctuation. */
const INTERVAL_MIN_MS = 1;

/** The part of a task that processors of both kinds see. */
export class UserTaskView implements TaskView {
  protected readonly node: NodeContext;

  constructor(node: NodeContext) {
    this.node = node;
  }

  get taskId(): TaskId {
    return this.node.taskId;
  }

  get applicationId(): string {
    return this.node.applicationId;
  }

  get recordMetadata(): TaskView['recordMetadata'] {
    const { topic, partition, offset } = this.node;
    return offset < 0 ? undefined : { topic, partition, offset };
  }

  get currentStreamTime(): number {
    return this.node.streamTime;
  }

  get currentSystemTime(): number {
    return this.node.systemTime();
  }

  store<S extends StateStore>(name: string): S {
    return this.node.store<S>(name);
  }

  schedule(
    intervalMs: number,
    clock: PunctuationClock,
    punctuate: (timestamp: number) => void,
  ): Cancellable {
    if (!(intervalMs >= INTERVAL_MIN_MS)) {
      throw new TopologyError(`The interval of a punctuation is at least 1 ms, not ${intervalMs}.`);
    }
    const { node } = this.node;
    return this.node.schedule(intervalMs, clock, (timestamp) => {
      refusePromise(punctuate(timestamp), node);
    });
  }

  commit(): void {
    this.node.commit();
  }
}

/** The context of a processor that may change keys. */
export class UserContext<K, V> extends UserTaskView implements ProcessorContext<K, V> {
  forward(record: ForwardedRecord<K, V>, child?: string): void {
    const { key, value, timestamp = this.node.timestamp, headers = this.node.headers } = record;
    if (!(timestamp >= 0)) {
      throw new TopologyError(`A record's timestamp is not negative, but ${timestamp} is.`);
    }
    if (child === undefined) this.node.forward(key, value, timestamp, headers);
    else this.node.forwardTo(child, key, value, timestamp, headers);
  }
}

import { ERROR } from '../../base/kafka-errors.ts';
import type { GroupReader } from './group-reader.ts';
import type { Wait } from './stall-watch.ts';

/** Knows since when topics are gone that an application reads: the group has no tasks of them. */
export class MissingSources {
  readonly #sinceMs = new Map<string, number>();

  /** By what the brokers have said last. */
  waits({ core }: GroupReader): Wait[] {
    const waits: Wait[] = [];
    for (const { name, errorCode } of core.link.metadata.topics()) {
      if (errorCode !== ERROR.UNKNOWN_TOPIC_OR_PARTITION) {
        this.#sinceMs.delete(name);
        continue;
      }
      const sinceMs = this.#sinceMs.get(name) ?? Date.now();
      this.#sinceMs.set(name, sinceMs);
      const what = `source topic ${name} is gone; it is read again where it comes back`;
      waits.push({ sinceMs, what });
    }
    return waits;
  }
}

import { every } from '../../base/every.ts';
import { unref } from '../../base/unref.ts';
import { toKafkaError } from '../../client/errors/kafka-error.ts';
import type { StateDirectory } from '../state/disk/state-directory.ts';
import type { TaskLocks } from '../state/disk/task-locks.ts';
import type { StreamsSettings } from './streams-options.ts';

/**
 * Removes the state of tasks that have moved away. They may come back: what was written to within
 * `state.cleanup.delay.ms` is kept. As in Kafka Streams, it looks so often, and only while the
 * application runs.
 */
export class StateCleaner {
  readonly #timer: NodeJS.Timeout;

  /** `locks`: of the threads that share the directory. */
  constructor(
    directory: StateDirectory,
    { stateCleanupDelayMs: delayMs, stateCleanupDirMaxAgeMs: maxAgeMs, onError }: StreamsSettings,
    isRunning: () => boolean,
    locks?: TaskLocks,
  ) {
    if (maxAgeMs >= 0) directory.removeUnused(maxAgeMs, locks);
    const clean = () => {
      if (isRunning()) directory.removeUnused(delayMs, locks);
    };
    const onFailure = (thrown: unknown) => onError(toKafkaError(thrown));
    this.#timer = unref(every(Math.max(delayMs, 1), clean, onFailure));
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

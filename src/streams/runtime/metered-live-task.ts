import type { MeteredStore, MeteredTask } from '../metrics/metered-task.ts';
import { TableStore } from '../state/stores/table-store.ts';
import { meterOf } from '../tasks/measured-store.ts';
import type { RecordQueue } from '../tasks/record-queue.ts';
import type { StateStore } from '../topology/state-store.ts';
import type { LiveTask } from './live-task.ts';
import type { Restorer } from './restorer.ts';

/** A task of this instance as it is measured. `lagOf` gives -1 where it is not known. */
export function meteredLiveTask(
  live: LiveTask,
  restorer: Restorer,
  lagOf: (queue: RecordQueue) => number,
): MeteredTask {
  const { task, queues } = live;
  return {
    name: live.name,
    isStandby: false,
    isRunning: live.isRunning,
    meter: task.meter,
    enforced: task.group.enforced,
    buffered: queues.reduce((sum, { size }) => sum + size, 0),
    lags: queues.map((queue) => ({ node: queue.source.name, lag: lagOf(queue) })),
    stores: Array.from(task.stores.all(), meteredStore),
    restored: { rows: live.restoredRows, remaining: restorer.remaining(live) },
  };
}

/** A copy of a task that runs elsewhere. `lag` is -1 where it is not known. */
export function meteredStandby(live: LiveTask, lag: number): MeteredTask {
  return {
    name: live.name,
    isStandby: true,
    isRunning: false,
    meter: null,
    buffered: 0,
    enforced: 0,
    lags: [],
    stores: Array.from(live.task.stores.all(), meteredStore),
    restored: { rows: live.restoredRows, remaining: Math.max(lag, 0) },
  };
}

/** Of a store that the program brings only the name is known. */
function meteredStore(store: StateStore): MeteredStore {
  if (!(store instanceof TableStore)) {
    const nothing = { rows: 0, reads: 0, writes: 0, bufferBytes: null, cached: null, meter: null };
    return { name: store.name, kind: 'custom', ...nothing };
  }
  const { name, kind, table, reads, writes, recordCache: cache } = store;
  return {
    name,
    kind,
    rows: table.count,
    reads,
    writes,
    bufferBytes: kind === 'suppress' ? (store as unknown as { bytes: number }).bytes : null,
    cached: cache ?? null,
    meter: meterOf(store) ?? null,
  };
}

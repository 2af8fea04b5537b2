import type { LoopParts } from './stream-loop.ts';

/** Hands tasks what was fetched, up to what they may buffer. Returns how many records it was. */
export function fillTasks({ reader, tasks, settings }: LoopParts): number {
  const { bufferedRecordsPerPartition: most } = settings;
  let taken = 0;
  for (const { task, isRunning, queues } of tasks.all()) {
    if (!isRunning) continue;
    for (const queue of queues) {
      const state = reader.state(queue);
      if (state === undefined) continue;
      while (queue.size < most) {
        const batch = reader.core.takeOf(state);
        if (batch === null) break;
        state.handOut(batch.nextOffset, batch.origin.leaderEpoch);
        task.add(queue, batch);
        taken += batch.length;
      }
      queue.passTo(state.position);
    }
  }
  return taken;
}

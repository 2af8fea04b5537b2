import { partitionName } from '../../client/topic-partition.ts';
import type { GlobalReader } from './global-reader.ts';
import type { ProducerOutput } from './producer-output.ts';
import type { Restorer } from './restorer.ts';
import type { Wait } from './stall-watch.ts';
import type { TaskSet } from './task-set.ts';

/** Turns of a task take a few milliseconds. */
const LONG_TURN_MS = 100;

/** The parts of an instance that may wait. */
export interface WaitingParts {
  readonly tasks: TaskSet;
  readonly restorer: Restorer;
  readonly globals: GlobalReader;
  readonly output: ProducerOutput;
}

/** What tasks and clients wait for without a time-out: calls, changelogs, topics, answers. */
export function instanceWaits({ tasks, restorer, globals, output }: WaitingParts): Wait[] {
  const calls = Array.from(tasks.all(), ({ name, task }) => {
    return task.asyncNodes.flatMap((node): Wait[] => {
      const oldest = node.oldestCall;
      if (oldest === null) return [];
      const { startMs, origin } = oldest;
      const record = `record ${origin.offset} of ${partitionName(origin)}`;
      const what = `task ${name}, node ${node.node}: a call for ${record} has not ended`;
      const advice = 'the record is not committed before; give the operator a timeout';
      return [{ sinceMs: startMs, what: `${what}; ${advice}` }];
    });
  });
  // A call that is not asynchronous can only be told of when it has returned.
  const nowMs = Date.now();
  const turns = Array.from(tasks.all(), ({ name, task }): Wait[] => {
    const tookMs = task.meter.takeLongestTurn();
    if (tookMs < LONG_TURN_MS) return [];
    const what = `task ${name} kept its thread: a call of a source, node or store took so long`;
    return [{ sinceMs: nowMs - tookMs, what }];
  });
  const written = output.waitsSinceMs;
  const arriving = { sinceMs: written, what: 'records have not arrived at their topics' };
  return [
    ...calls.flat(),
    ...turns.flat(),
    ...restorer.waits(),
    ...globals.waits(),
    ...(written === Number.POSITIVE_INFINITY ? [] : [arriving]),
  ];
}

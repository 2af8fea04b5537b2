/** Where a group stands on a partition; 0 where it has committed nothing. */
import { API, ERROR } from '../../dist/protocol/index.js';

const VERSION = 7;
const RETRY_MS = 10;
const LIMIT_MS = 20_000;
const PASSING = new Set([
  ERROR.UNSTABLE_OFFSET_COMMIT,
  ERROR.COORDINATOR_LOAD_IN_PROGRESS,
  ERROR.NOT_COORDINATOR,
  ERROR.COORDINATOR_NOT_AVAILABLE,
]);

/** With `requireStable` it waits until no transaction may still move it. */
export async function committedOffset(link, groupId, name, partition, requireStable) {
  const untilMs = performance.now() + LIMIT_MS;
  const topics = [{ name, partitionIndexes: [partition] }];
  for (;;) {
    const answer = await link.send(API.OFFSET_FETCH, VERSION, {
      groupId,
      topics,
      requireStable,
    });
    const place = answer.topics[0]?.partitions[0];
    const code = answer.errorCode || (place?.errorCode ?? 0);
    if (code === ERROR.NONE) return Math.max(0, place.committedOffset);
    if (!PASSING.has(code) || performance.now() > untilMs) {
      throw new Error(`${groupId}: OffsetFetch: error ${code}`);
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

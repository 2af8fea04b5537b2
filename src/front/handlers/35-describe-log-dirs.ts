import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ERROR } from '../../base/kafka-errors.ts';
import type { LogSize } from '../../exchange/control.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  DescribeLogDirsRequest,
  DescribeLogDirsResponse,
  DescribeLogDirsResponseDescribeLogDirsPartition,
  DescribeLogDirsResponseDescribeLogDirsResult,
  DescribeLogDirsResponseDescribeLogDirsTopic,
} from '../../protocol/schema/35-describe-log-dirs.ts';
import type { LogDirectory } from '../partitions/log-directories.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import { workerShares } from '../partitions/worker-shares.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';

type ServiceName = 'partitions' | 'workers' | 'logDirs' | 'rights';
type Needed = Services<ServiceName>;

/** DescribeLogDirs (35), versions 1 to 5. */
export const describeLogDirs: Handler<
  DescribeLogDirsRequest,
  DescribeLogDirsResponse,
  ServiceName
> = {
  key: API.DESCRIBE_LOG_DIRS,
  versions: '1-5',
  needs: [forRequest('DESCRIBE', 'CLUSTER')],
  async handle(request, call, services) {
    if (!services.rights.allowsOnCluster(call, 'DESCRIBE')) {
      return { errorCode: ERROR.CLUSTER_AUTHORIZATION_FAILED, results: [] };
    }
    const mirrors = askedPartitions(request, services);
    const sizes = await sizesOf(mirrors, services);
    const described = services.logDirs.all.map(async (directory) => {
      const result = await directoryFacts(directory);
      if (result.errorCode === 0) result.topics = topicsIn(directory.path, mirrors, sizes);
      return result;
    });
    return { errorCode: 0, results: await Promise.all(described) };
  },
};

/** Partitions that are not here are left out of the answer, as in Kafka. */
function askedPartitions(
  request: DescribeLogDirsRequest,
  services: Needed,
): ReadonlySet<PartitionMirror> {
  const mirrors = new Set<PartitionMirror>();
  if (request.topics === null) {
    for (const topic of services.partitions.topics()) {
      for (const mirror of topic.held) mirrors.add(mirror);
    }
    return mirrors;
  }
  for (const { topic, partitions } of request.topics) {
    const known = services.partitions.topicByName(topic);
    for (const index of partitions) {
      const mirror = known?.partitions[index];
      if (mirror) mirrors.add(mirror);
    }
  }
  return mirrors;
}

async function sizesOf(
  mirrors: ReadonlySet<PartitionMirror>,
  services: Needed,
): Promise<ReadonlyMap<number, LogSize>> {
  const sizes = new Map<number, LogSize>();
  for (const { worker, slots } of workerShares(mirrors, services.workers.workerCount)) {
    const answer = await services.workers.control(worker, { kind: 'sizes', slots });
    if (answer.error !== 0) continue;
    for (const size of answer.sizes) sizes.set(size.slot, size);
  }
  return sizes;
}

/** The logs in a directory, and the copies of logs that move into it. */
function topicsIn(
  logDir: string,
  mirrors: ReadonlySet<PartitionMirror>,
  sizes: ReadonlyMap<number, LogSize>,
): DescribeLogDirsResponseDescribeLogDirsTopic[] {
  const topics = new Map<string, DescribeLogDirsResponseDescribeLogDirsTopic>();
  for (const { topic: name, index: partitionIndex, slot, directory } of mirrors) {
    const size = sizes.get(slot);
    const copy = size?.copy ?? null;
    const partitions: DescribeLogDirsResponseDescribeLogDirsPartition[] = [];
    if (dirname(directory) === logDir) {
      const partitionSize = size?.sizeBytes ?? 0;
      partitions.push({ partitionIndex, partitionSize, offsetLag: 0, isFutureKey: false });
    }
    if (copy?.logDir === logDir) {
      const { sizeBytes: partitionSize, lag: offsetLag } = copy;
      partitions.push({ partitionIndex, partitionSize, offsetLag, isFutureKey: true });
    }
    if (partitions.length === 0) continue;
    const topic = topics.get(name) ?? { name, partitions: [] };
    topics.set(name, topic);
    topic.partitions.push(...partitions);
  }
  return [...topics.values()];
}

async function directoryFacts({
  path: logDir,
  isLost,
}: LogDirectory): Promise<DescribeLogDirsResponseDescribeLogDirsResult> {
  const lost = {
    errorCode: ERROR.KAFKA_STORAGE_ERROR,
    logDir,
    topics: [],
    totalBytes: -1,
    usableBytes: -1,
    isCordoned: false,
  };
  if (isLost) return lost;
  try {
    const { bsize, blocks, bavail } = await statfs(logDir);
    const bytes = { totalBytes: blocks * bsize, usableBytes: bavail * bsize };
    return { ...lost, errorCode: 0, ...bytes };
  } catch {
    // The directory cannot be read. The error code says so to the client.
    return lost;
  }
}

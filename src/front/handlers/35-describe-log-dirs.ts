import { statfs } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  DescribeLogDirsRequest,
  DescribeLogDirsResponse,
  DescribeLogDirsResponseDescribeLogDirsResult,
  DescribeLogDirsResponseDescribeLogDirsTopic,
} from '../../protocol/schema/35-describe-log-dirs.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import { workerShares } from '../partitions/worker-shares.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';

type ServiceName = 'partitions' | 'workers' | 'settings' | 'rights';
type Needed = Services<ServiceName>;

/** DescribeLogDirs (35), versions 1 to 5. There is one directory and nothing moves out of it. */
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
    const result = await directoryFacts(resolve(services.settings.logDirs[0]!));
    result.topics = topicsOf(mirrors, sizes);
    return { errorCode: 0, results: [result] };
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
): Promise<ReadonlyMap<number, number>> {
  const sizes = new Map<number, number>();
  for (const { worker, slots } of workerShares(mirrors, services.workers.workerCount)) {
    const answer = await services.workers.control(worker, { kind: 'sizes', slots });
    if (answer.error !== 0) continue;
    for (const { slot, sizeBytes } of answer.sizes) sizes.set(slot, sizeBytes);
  }
  return sizes;
}

function topicsOf(
  mirrors: ReadonlySet<PartitionMirror>,
  sizes: ReadonlyMap<number, number>,
): DescribeLogDirsResponseDescribeLogDirsTopic[] {
  const topics = new Map<string, DescribeLogDirsResponseDescribeLogDirsTopic>();
  for (const { topic: name, index, slot } of mirrors) {
    let topic = topics.get(name);
    if (topic === undefined) {
      topic = { name, partitions: [] };
      topics.set(name, topic);
    }
    const partitionSize = sizes.get(slot) ?? 0;
    topic.partitions.push({
      partitionIndex: index,
      partitionSize,
      offsetLag: 0,
      isFutureKey: false,
    });
  }
  return [...topics.values()];
}

async function directoryFacts(
  logDir: string,
): Promise<DescribeLogDirsResponseDescribeLogDirsResult> {
  const facts = { errorCode: 0, logDir, topics: [], totalBytes: -1, usableBytes: -1 };
  try {
    const { bsize, blocks, bavail } = await statfs(logDir);
    return {
      ...facts,
      totalBytes: blocks * bsize,
      usableBytes: bavail * bsize,
      isCordoned: false,
    };
  } catch {
    // The directory cannot be read. The error code says so to the client.
    return { ...facts, errorCode: ERROR.KAFKA_STORAGE_ERROR, isCordoned: false };
  }
}

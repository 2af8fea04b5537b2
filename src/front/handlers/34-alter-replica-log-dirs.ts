import { resolve } from 'node:path';
import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
  AlterReplicaLogDirsResponseAlterReplicaLogDirTopicResult,
} from '../../protocol/schema/34-alter-replica-log-dirs.ts';
import { errorOfPartition } from '../partitions/partition-errors.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import { findPartition } from './partition-checks.ts';

type ServiceName = 'logDirs' | 'moves' | 'partitions' | 'rights';

/** Kafka's name of a copy has this much behind the partition's, and a file system takes 255. */
const COPY_SUFFIX_LENGTH = '.0123456789abcdef0123456789abcdef-future'.length;
const NAME_LENGTH_MAX = 255 - COPY_SUFFIX_LENGTH;

/**
 * AlterReplicaLogDirs (34), versions 1 to 2. A replica moves to that directory once it is copied. A
 * replica that this node does not hold yet will be made there.
 */
export const alterReplicaLogDirs: Handler<
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
  ServiceName
> = {
  key: API.ALTER_REPLICA_LOG_DIRS,
  versions: '1-2',
  needs: [forRequest('ALTER', 'CLUSTER')],
  async handle(request, call, services) {
    const isAllowed = services.rights.allowsOnCluster(call, 'ALTER');
    const byTopic = new Map<string, AlterReplicaLogDirsResponseAlterReplicaLogDirTopicResult>();
    for (const { path, topics } of request.dirs) {
      for (const { name, partitions } of topics) {
        const result = byTopic.get(name) ?? { topicName: name, partitions: [] };
        byTopic.set(name, result);
        for (const partitionIndex of partitions) {
          const errorCode = isAllowed
            ? await move(resolve(path), name, partitionIndex, services)
            : ERROR.CLUSTER_AUTHORIZATION_FAILED;
          result.partitions.push({ partitionIndex, errorCode });
        }
      }
    }
    return { results: [...byTopic.values()] };
  },
};

/** 0, or the error code that Kafka's brokers answer in this case. */
async function move(
  path: string,
  topic: string,
  index: number,
  services: Services<ServiceName>,
): Promise<number> {
  const { logDirs, moves } = services;
  const name = `${topic}-${index}`;
  if (name.length > NAME_LENGTH_MAX) return ERROR.INVALID_TOPIC_EXCEPTION;
  const directory = logDirs.at(path);
  if (directory === undefined) return ERROR.LOG_DIR_NOT_FOUND;
  if (directory.isLost) return ERROR.KAFKA_STORAGE_ERROR;
  const mirror = findPartition(services, topic, index);
  if (mirror) return errorOfPartition(mirror, undefined, false) || moves.start(mirror, path);
  logDirs.prefer(name, path);
  return mirror === null ? ERROR.REPLICA_NOT_AVAILABLE : ERROR.UNKNOWN_TOPIC_OR_PARTITION;
}

import { resolve } from 'node:path';
import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
  AlterReplicaLogDirsResponseAlterReplicaLogDirTopicResult,
} from '../../protocol/schema/34-alter-replica-log-dirs.ts';
import { errorOfPartition } from '../partitions/partition-errors.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import { findPartition } from './partition-checks.ts';

/**
 * AlterReplicaLogDirs (34), versions 1 to 2. There is one log directory. A request for it is
 * granted; any other directory does not exist.
 */
export const alterReplicaLogDirs: Handler<
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
  'settings' | 'partitions' | 'rights'
> = {
  key: API.ALTER_REPLICA_LOG_DIRS,
  versions: '1-2',
  needs: [forRequest('ALTER', 'CLUSTER')],
  handle(request, call, services) {
    const isAllowed = services.rights.allowsOnCluster(call, 'ALTER');
    const own = resolve(services.settings.logDirs[0]!);
    const byTopic = new Map<string, AlterReplicaLogDirsResponseAlterReplicaLogDirTopicResult>();
    for (const { path, topics } of request.dirs) {
      for (const { name, partitions } of topics) {
        let result = byTopic.get(name);
        if (result === undefined) {
          result = { topicName: name, partitions: [] };
          byTopic.set(name, result);
        }
        for (const partitionIndex of partitions) {
          let errorCode: number = ERROR.LOG_DIR_NOT_FOUND;
          if (!isAllowed) errorCode = ERROR.CLUSTER_AUTHORIZATION_FAILED;
          else if (resolve(path) === own) {
            errorCode = errorOfPartition(findPartition(services, name, partitionIndex));
          }
          result.partitions.push({ partitionIndex, errorCode });
        }
      }
    }
    return { results: [...byTopic.values()] };
  },
};

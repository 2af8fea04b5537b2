import { ClusterNode } from '#millrace/broker/cluster-node';
import { loadConfig } from '#millrace/broker/config';
import { silentLogger } from '../../src/base/logger.ts';
import type { ScriptedCluster } from './scripted-cluster.ts';

/** Where a broker of a scripted cluster listens and keeps its records. */
export interface BrokerPlace {
  readonly nodeId: number;
  readonly port: number;
  /** `log.dirs` */
  readonly dataDir: string;
}

/** A broker under scripted controllers that is not started yet. */
export function clusterBrokerNode(
  { bootstrap }: ScriptedCluster,
  { nodeId, port, dataDir }: BrokerPlace,
  config: object,
  onFatal: (error: Error) => void,
): ClusterNode {
  const properties = {
    'node.id': nodeId,
    'process.roles': 'broker',
    'controller.quorum.bootstrap.servers': bootstrap,
    'broker.heartbeat.interval.ms': 20,
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': dataDir,
    'millrace.http.listener': 'none',
    ...config,
  };
  const loaded = loadConfig({ config: properties });
  return new ClusterNode({ loaded, logger: silentLogger, onFatal });
}

import type { ApiKey } from '../../protocol/api-keys.ts';
import type { RequestOf, ResponseOf } from '../../protocol/api-registry.ts';
import type { Draft } from '../../protocol/frames.ts';

/** The other brokers of a cluster. */
export interface BrokerPeers {
  /** Asks in the highest version that both know. Rejects where the broker does not answer. */
  ask<Key extends ApiKey>(
    nodeId: number,
    apiKey: Key,
    body: Draft<RequestOf<Key>>,
  ): Promise<ResponseOf<Key>>;
}

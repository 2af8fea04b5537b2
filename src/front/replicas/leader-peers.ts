import type { ApiKey } from '../../protocol/api-keys.ts';
import type { RequestOf, ResponseOf } from '../../protocol/api-registry.ts';
import type { Draft } from '../../protocol/frames.ts';

/** The brokers that lead what this node follows, each over a connection of its own. */
export interface LeaderPeers {
  /**
   * Asks in the highest version that both know, at most `maxVersion`. Rejects where the broker does
   * not answer.
   */
  ask<Key extends ApiKey>(
    nodeId: number,
    apiKey: Key,
    body: (version: number) => Draft<RequestOf<Key>>,
    maxVersion?: number,
  ): Promise<ResponseOf<Key>>;
  /** What that broker was asked is not waited for any more. It may be asked again. */
  drop(nodeId: number): void;
  /** What is asked is not answered any more. */
  close(): void;
}

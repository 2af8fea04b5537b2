import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type { ProduceRequest, ProduceResponse } from '../../protocol/schema/00-produce.ts';
import type { FetchRequest, FetchResponse } from '../../protocol/schema/01-fetch.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { Call } from '../net/call.ts';
import { LeaderHints } from '../net/leader-hints.ts';
import type { Services } from '../requests/front-services.ts';
import { ANSWERED_LATER, type AnyHandler, type Handler } from '../requests/handler.ts';
import { forEach } from '../requests/needed-action.ts';
import { type DescribingName, observedMetadata } from './03-metadata.ts';
import { saslHandshake } from './17-sasl-handshake.ts';
import { apiVersions } from './18-api-versions.ts';
import { describeAcls } from './29-describe-acls.ts';
import { describeConfigs } from './32-describe-configs.ts';
import { saslAuthenticate } from './36-sasl-authenticate.ts';
import { describeClientQuotas } from './48-describe-client-quotas.ts';
import { describeUserScramCredentials } from './50-describe-user-scram-credentials.ts';
import { describeCluster } from './60-describe-cluster.ts';
import { listConfigResources } from './74-list-config-resources.ts';
import { describeTopicPartitions } from './75-describe-topic-partitions.ts';

type RefusingName = 'metadata' | 'endpoints' | 'rights';
/** The services of a node that follows a cluster's metadata and holds no partition. */
export type ObserverName = DescribingName | RefusingName | 'features' | 'served' | 'audit';

const NOWHERE = { baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 };
const NO_EPOCH = { epoch: -1, endOffset: -1 };
const LEADER_HINTS_SINCE = 10;

/** Produce (0): nothing is led here. The answer names who leads. */
const refusedProduce: Handler<ProduceRequest, ProduceResponse, RefusingName> = {
  key: API.PRODUCE,
  versions: '3-13',
  needs: [forEach('WRITE', 'TOPIC')],
  advertisedFrom: 0,
  handle(request, call, services) {
    if (request.acks === 0) {
      call.replyNothing();
      call.cut('produced with acks=0 to an observer, which leads no partition', 'failed');
      return ANSWERED_LATER;
    }
    const hints = new LeaderHints(call, services);
    const responses = request.topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => ({
        index,
        errorCode: errorFor('WRITE', name, topicId, call, services),
        ...NOWHERE,
        recordErrors: [],
        errorMessage: null,
        currentLeader: hints.leaderOf(name, topicId, index),
      })),
    }));
    const namesNodes = call.apiVersion >= LEADER_HINTS_SINCE;
    return { responses, nodeEndpoints: namesNodes ? hints.nodeEndpoints : [] };
  },
};

/** Fetch (1): nothing is held here. The answer names who leads. */
const refusedFetch: Handler<FetchRequest, FetchResponse, RefusingName> = {
  key: API.FETCH,
  versions: '4-18',
  needs: [forEach('READ', 'TOPIC')],
  handle(request, call, services): Unthrottled<FetchResponse> {
    if (request.sessionId !== 0) {
      const errorCode = ERROR.FETCH_SESSION_ID_NOT_FOUND;
      return { errorCode, sessionId: 0, responses: [], nodeEndpoints: [] };
    }
    const hints = new LeaderHints(call, services);
    const responses = request.topics.map(({ topic, topicId, partitions }) => ({
      topic,
      topicId,
      partitions: partitions.map(({ partition }) => ({
        partitionIndex: partition,
        errorCode: errorFor('READ', topic, topicId, call, services),
        highWatermark: -1,
        lastStableOffset: -1,
        logStartOffset: -1,
        divergingEpoch: NO_EPOCH,
        snapshotId: NO_EPOCH,
        currentLeader: hints.leaderOf(topic, topicId, partition),
        abortedTransactions: null,
        preferredReadReplica: -1,
        records: Buffer.alloc(0),
      })),
    }));
    return { errorCode: 0, sessionId: 0, responses, nodeEndpoints: hints.nodeEndpoints };
  },
};

/** A client that may not use the topic is not told who leads it. */
function errorFor(
  operation: 'READ' | 'WRITE',
  name: string,
  topicId: string,
  call: Call,
  { metadata, rights }: Services<RefusingName>,
): number {
  const { topicsById, topicsByName } = metadata.image;
  const topic = name === '' ? topicsById.get(topicId) : topicsByName.get(name);
  if (topic === undefined) {
    return name === '' ? ERROR.UNKNOWN_TOPIC_ID : ERROR.UNKNOWN_TOPIC_OR_PARTITION;
  }
  if (!rights.allows(call, operation, 'TOPIC', topic.name)) return ERROR.TOPIC_AUTHORIZATION_FAILED;
  return ERROR.NOT_LEADER_OR_FOLLOWER;
}

/** What an observer serves. ApiVersions advertises exactly these. */
export const observerHandlers: readonly AnyHandler<ObserverName>[] = [
  refusedProduce,
  refusedFetch,
  observedMetadata,
  saslHandshake,
  apiVersions,
  describeAcls,
  describeConfigs,
  saslAuthenticate,
  describeClientQuotas,
  describeUserScramCredentials,
  describeCluster,
  listConfigResources,
  describeTopicPartitions,
];

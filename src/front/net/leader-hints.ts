import { ERROR } from '../../base/kafka-errors.ts';
import { NO_LEADER } from '../../metadata/image.ts';
import type { MetadataView } from '../../metadata/metadata-view.ts';
import type { Call } from './call.ts';
import type { BrokerEndpoint, Endpoints } from './endpoints.ts';

/** The leader of a partition as an answer tells it. */
export interface LeaderHint {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

export const NO_LEADER_HINT: LeaderHint = { leaderId: -1, leaderEpoch: -1 };

export interface HintServices {
  readonly metadata: Pick<MetadataView, 'image'>;
  readonly endpoints: Pick<Endpoints, 'nodeFor'>;
}

/** Whether an answer with this error names the leader. */
export function namesLeader(errorCode: number): boolean {
  return errorCode === ERROR.NOT_LEADER_OR_FOLLOWER || errorCode === ERROR.FENCED_LEADER_EPOCH;
}

/**
 * Who leads the partitions that one answer refuses (KIP-951). A client that asked the wrong node
 * goes on to the leader at once, and asks for no metadata.
 */
export class LeaderHints {
  /** The nodes that the answer names, each once. */
  readonly nodeEndpoints: BrokerEndpoint[] = [];
  readonly #call: Call;
  readonly #services: HintServices;

  constructor(call: Call, services: HintServices) {
    this.#call = call;
    this.#services = services;
  }

  /** The topic is found by its name, or by its id where the name is ''. */
  leaderOf(topic: string, topicId: string, index: number): LeaderHint {
    const { metadata, endpoints } = this.#services;
    const { topicsByName, topicsById } = metadata.image;
    const found = topic === '' ? topicsById.get(topicId) : topicsByName.get(topic);
    const partition = found?.partitions[index];
    if (partition === undefined) return NO_LEADER_HINT;
    const { leader, leaderEpoch } = partition;
    const isNamed = this.nodeEndpoints.some(({ nodeId }) => nodeId === leader);
    const endpoint = isNamed || leader === NO_LEADER ? null : endpoints.nodeFor(leader, this.#call);
    if (endpoint !== null) this.nodeEndpoints.push(endpoint);
    return { leaderId: leader, leaderEpoch };
  }
}

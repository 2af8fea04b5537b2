import { ERROR } from '../../base/kafka-errors.ts';
import type { API } from '../../protocol/api-keys.ts';
import type {
  OffsetFetchRequestGroup,
  OffsetFetchRequestTopics,
  OffsetFetchResponseGroup,
} from '../../protocol/schema/09-offset-fetch.ts';
import { ZERO_UUID } from '../../protocol/schema-dsl.ts';
import type { Gate, Permits } from './gate.ts';
import { refusal } from './group-gates.ts';

/** The gates of requests about the offsets of groups. */

const { GROUP_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED } = ERROR;
const { TRANSACTIONAL_ID_AUTHORIZATION_FAILED } = ERROR;
const SEVERAL_GROUPS_SINCE = 8;
const GROUP_ERROR_SINCE = 2;

interface NamedTopic {
  readonly name: string;
  readonly topicId?: string;
}

interface CommittedTopic extends NamedTopic {
  readonly partitions: readonly { readonly partitionIndex: number }[];
}

export const commitGate: Gate<typeof API.OFFSET_COMMIT> = (request, permits) => {
  if (!permits.allows('READ', 'GROUP', request.groupId)) {
    const refuse = refusedTopic(GROUP_AUTHORIZATION_FAILED);
    return refusal({ topics: request.topics.map(refuse) });
  }
  const { allowed, refused } = partly(request.topics, permits);
  if (refused.length === 0) return null;
  return {
    passed: allowed.length === 0 ? null : { ...request, topics: allowed },
    complete: (answer) => ({ topics: [...refused, ...(answer?.topics ?? [])] }),
  };
};

export const txnCommitGate: Gate<typeof API.TXN_OFFSET_COMMIT> = (request, permits) => {
  const { transactionalId, groupId, topics } = request;
  const isWriter = permits.allows('WRITE', 'TRANSACTIONAL_ID', transactionalId);
  if (!isWriter || !permits.allows('READ', 'GROUP', groupId)) {
    const code = isWriter ? GROUP_AUTHORIZATION_FAILED : TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
    return refusal({ topics: topics.map(refusedTopic(code)) });
  }
  const { allowed, refused } = partly(request.topics, permits);
  if (refused.length === 0) return null;
  return {
    passed: allowed.length === 0 ? null : { ...request, topics: allowed },
    complete: (answer) => ({ topics: [...refused, ...(answer?.topics ?? [])] }),
  };
};

export const offsetDeleteGate: Gate<typeof API.OFFSET_DELETE> = (request, permits) => {
  if (!permits.allows('DELETE', 'GROUP', request.groupId)) {
    return refusal({ errorCode: GROUP_AUTHORIZATION_FAILED, topics: [] });
  }
  const { allowed, refused } = partly(request.topics, permits);
  if (refused.length === 0) return null;
  return {
    passed: allowed.length === 0 ? null : { ...request, topics: allowed },
    complete: (answer) => {
      const errorCode = answer?.errorCode ?? 0;
      return { errorCode, topics: [...refused, ...(answer?.topics ?? [])] };
    },
  };
};

export const offsetFetchGate: Gate<typeof API.OFFSET_FETCH> = (request, permits) => {
  if (permits.version < SEVERAL_GROUPS_SINCE) return fetchOfOneGroup(request, permits);
  const passages = request.groups.map((group) => fetchOf(group, permits));
  const passed = passages.flatMap((each) => each.passed ?? []);
  return {
    passed: passed.length === 0 && passages.length > 0 ? null : { ...request, groups: passed },
    complete: (answer) => {
      const answers = new Map((answer?.groups ?? []).map((group) => [group.groupId, group]));
      const groups = passages.map(({ passed: part, complete }) => {
        return complete(part === null ? null : (answers.get(part.groupId) ?? null));
      });
      return { topics: [], errorCode: answer?.errorCode ?? 0, groups };
    },
  };
};

type OneGroupGate = typeof offsetFetchGate;

/** Up to version 7: one group, whose error versions 0 and 1 have only in the partitions. */
const fetchOfOneGroup: OneGroupGate = (request, permits) => {
  const topics = request.topics?.map((topic) => ({ ...topic, topicId: ZERO_UUID })) ?? null;
  const group = { groupId: request.groupId, memberId: null, memberEpoch: -1, topics };
  if (!permits.allows('DESCRIBE', 'GROUP', request.groupId)) {
    const code = GROUP_AUTHORIZATION_FAILED;
    const inPartitions = permits.version < GROUP_ERROR_SINCE ? (topics ?? []) : [];
    const refused = inPartitions.map((topic) => refusedFetch(topic, code));
    return refusal({ topics: refused, errorCode: code, groups: [] });
  }
  const { passed, complete } = fetchOf(group, permits);
  return {
    passed: passed === null ? null : { ...request, topics: passed.topics },
    complete: (answer) => {
      const code = answer?.errorCode ?? 0;
      const told = (answer?.topics ?? []).map((topic) => ({ ...topic, topicId: ZERO_UUID }));
      const { groupId } = request;
      const whole = complete(answer === null ? null : { groupId, topics: told, errorCode: code });
      return { topics: whole.topics, errorCode: code, groups: [] };
    },
  };
};

interface GroupPassage {
  readonly passed: OffsetFetchRequestGroup | null;
  readonly complete: (answer: OffsetFetchResponseGroup | null) => OffsetFetchResponseGroup;
}

function fetchOf(group: OffsetFetchRequestGroup, permits: Permits): GroupPassage {
  const { groupId, topics } = group;
  if (!permits.allows('DESCRIBE', 'GROUP', groupId)) {
    const answer = { groupId, topics: [], errorCode: GROUP_AUTHORIZATION_FAILED };
    return { passed: null, complete: () => answer };
  }
  const maySee = (topic: NamedTopic) => isAllowed(topic, 'DESCRIBE', permits);
  if (topics === null) {
    return {
      passed: group,
      complete: (answer) => ({ ...answer!, topics: answer!.topics.filter(maySee) }),
    };
  }
  const refused = topics
    .filter((topic) => !maySee(topic))
    .map((topic) => refusedFetch(topic, TOPIC_AUTHORIZATION_FAILED));
  return {
    passed: { ...group, topics: topics.filter(maySee) },
    complete: (answer) => {
      const errorCode = answer?.errorCode ?? 0;
      // Where the group itself has an error, the answer names no topics.
      const told = errorCode === 0 ? refused : [];
      return { groupId, topics: [...(answer?.topics ?? []), ...told], errorCode };
    },
  };
}

function refusedFetch(topic: OffsetFetchRequestTopics, errorCode: number) {
  const partitions = topic.partitionIndexes.map((partitionIndex) => ({
    partitionIndex,
    committedOffset: -1,
    committedLeaderEpoch: -1,
    metadata: '',
    errorCode,
  }));
  return { name: topic.name, topicId: topic.topicId, partitions };
}

/** A topic that is told by an id that nobody knows is for the coordinator to refuse. */
function isAllowed(topic: NamedTopic, operation: 'READ' | 'DESCRIBE', permits: Permits): boolean {
  const { name, topicId = ZERO_UUID } = topic;
  const known = topicId === ZERO_UUID ? name : permits.topicName(topicId);
  return known === null || permits.allows(operation, 'TOPIC', known);
}

function refusedTopic(errorCode: number) {
  return ({ name, topicId = ZERO_UUID, partitions }: CommittedTopic) => ({
    name,
    topicId,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  });
}

/** The topics that the client may read, and refusals of the others. */
function partly<Topic extends CommittedTopic>(topics: readonly Topic[], permits: Permits) {
  const allowed: Topic[] = [];
  const denied: Topic[] = [];
  for (const topic of topics) (isAllowed(topic, 'READ', permits) ? allowed : denied).push(topic);
  return { allowed, refused: denied.map(refusedTopic(TOPIC_AUTHORIZATION_FAILED)) };
}

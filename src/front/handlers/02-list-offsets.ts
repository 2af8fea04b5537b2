import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  ListOffsetsRequest,
  ListOffsetsRequestListOffsetsPartition,
  ListOffsetsResponse,
  ListOffsetsResponseListOffsetsPartitionResponse,
} from '../../protocol/schema/02-list-offsets.ts';
import { epochOfStart } from '../partitions/leader-epochs.ts';
import { errorOfLoaded, errorOfPartition } from '../partitions/partition-errors.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forEach } from '../requests/needed-action.ts';
import { answerEach } from './each-partition.ts';
import { findPartition } from './partition-checks.ts';

type ServiceName = 'partitions' | 'loader' | 'workers' | 'times' | 'rights' | 'settings';
type Needed = Services<ServiceName>;

/** Timestamps with a special meaning, and the version since which each is known. */
const LATEST = -1;
const EARLIEST = -2;
const MAX_TIMESTAMP = -3;
const EARLIEST_LOCAL = -4;
const LATEST_TIERED = -5;
const EARLIEST_PENDING_UPLOAD = -6;
const SINCE_VERSION: ReadonlyMap<number, number> = new Map([
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL, 8],
  [LATEST_TIERED, 9],
  [EARLIEST_PENDING_UPLOAD, 11],
]);

const READ_COMMITTED = 1;
const CONSUMER = -1;
const DEBUGGING_CONSUMER = -2;
const BROKER_ID_MIN = 0;
/** The offset that says that there is no such record. */
const NOWHERE = -1;

type Answer = ListOffsetsResponseListOffsetsPartitionResponse;

/** Up to where who asks may read: by one of Kafka's isolation levels, or a follower to the end. */
type Reach = 'high-watermark' | 'last-stable' | 'log-end';

/** What the request says for all its partitions. */
interface Manner {
  readonly version: number;
  readonly reach: Reach;
}

/**
 * ListOffsets (2), versions 1 to 11. A worker does the search by time in its indexes. In clusters
 * followers ask where the logs of their leaders begin and end.
 */
export const listOffsets: Handler<ListOffsetsRequest, ListOffsetsResponse, ServiceName> = {
  key: API.LIST_OFFSETS,
  versions: '1-11',
  needs: [forEach('DESCRIBE', 'TOPIC')],
  async handle(request, call, services) {
    const { replicaId, isolationLevel } = request;
    const isFollower = replicaId >= BROKER_ID_MIN && services.settings.cluster !== null;
    const isServed = isFollower || replicaId === CONSUMER || replicaId === DEBUGGING_CONSUMER;
    const { apiVersion } = call;
    const ofLevel = isolationLevel === READ_COMMITTED ? 'last-stable' : 'high-watermark';
    const reach = isFollower ? 'log-end' : ofLevel;
    const topics = await answerEach(request.topics, indexOf, (topic, asked, isRepeated) => {
      const { partitionIndex } = asked;
      if (!isServed) return failed(partitionIndex, ERROR.CLUSTER_AUTHORIZATION_FAILED);
      if (!services.rights.allowsNamed(call, 'DESCRIBE', 'TOPIC', topic)) {
        return failed(partitionIndex, ERROR.TOPIC_AUTHORIZATION_FAILED);
      }
      if (isRepeated) return failed(partitionIndex, ERROR.INVALID_REQUEST);
      return answerFor(topic, asked, { version: apiVersion, reach }, services);
    });
    return { topics };
  },
};

function indexOf({ partitionIndex }: ListOffsetsRequestListOffsetsPartition): number {
  return partitionIndex;
}

const EPOCHS_SINCE = 4;
const NOT_AVAILABLE_SINCE = 5;

function failed(partitionIndex: number, errorCode: number): Answer {
  return { partitionIndex, errorCode, timestamp: -1, offset: NOWHERE, leaderEpoch: -1 };
}

function answerFor(
  topic: string,
  asked: ListOffsetsRequestListOffsetsPartition,
  how: Manner,
  services: Needed,
): Answer | Promise<Answer> {
  const { partitionIndex, currentLeaderEpoch, timestamp } = asked;
  const mirror = findPartition(services, topic, partitionIndex);
  const error = errorOfPartition(mirror, currentLeaderEpoch);
  if (error !== 0) return failed(partitionIndex, error);
  if (timestamp < EARLIEST_PENDING_UPLOAD || (SINCE_VERSION.get(timestamp) ?? 0) > how.version) {
    return failed(partitionIndex, ERROR.UNSUPPORTED_VERSION);
  }
  return search(mirror!, asked, how, services);
}

async function search(
  mirror: PartitionMirror,
  { partitionIndex, currentLeaderEpoch, timestamp }: ListOffsetsRequestListOffsetsPartition,
  { version, reach }: Manner,
  services: Needed,
): Promise<Answer> {
  const isKnown = reach === 'last-stable' ? mirror.isStableKnown : mirror.known;
  if (!isKnown) await services.loader.load(mirror);
  const loadError = errorOfLoaded(mirror, currentLeaderEpoch);
  if (loadError !== 0) return failed(partitionIndex, loadError);
  const place = await placeOf(mirror, timestamp, reach, services);
  const isConsumer = reach !== 'log-end';
  if (isConsumer && isPending(place, timestamp) && mirror.lagsBehindElection) {
    const isKnownError = version >= NOT_AVAILABLE_SINCE;
    const error = isKnownError ? ERROR.OFFSET_NOT_AVAILABLE : ERROR.LEADER_NOT_AVAILABLE;
    return failed(partitionIndex, error);
  }
  return version < EPOCHS_SINCE ? { ...place, leaderEpoch: -1 } : place;
}

/** The end of the records, or no record: it may come to lie elsewhere in the same epoch. */
function isPending({ errorCode, offset }: Answer, timestamp: number): boolean {
  if (timestamp === LATEST) return true;
  const isByTime = timestamp >= 0 || timestamp === MAX_TIMESTAMP;
  return isByTime && errorCode === 0 && offset === NOWHERE;
}

/** Where the log ends for who asks. */
function endFor(mirror: PartitionMirror, reach: Reach): number {
  return reach === 'log-end' ? mirror.logEndOffset : mirror.endFor(reach === 'last-stable');
}

async function placeOf(
  mirror: PartitionMirror,
  timestamp: number,
  reach: Reach,
  services: Needed,
): Promise<Answer> {
  const { index, leaderEpoch } = mirror;
  switch (timestamp) {
    case LATEST:
      return found(index, endFor(mirror, reach), -1, leaderEpoch);
    case EARLIEST:
    case EARLIEST_LOCAL:
      return found(index, mirror.logStartOffset, -1, await epochOfStart(services, mirror));
    case LATEST_TIERED:
    case EARLIEST_PENDING_UPLOAD:
      return failed(index, 0);
    default:
      return placeByTime(mirror, timestamp, reach, services);
  }
}

async function placeByTime(
  mirror: PartitionMirror,
  timestamp: number,
  reach: Reach,
  services: Needed,
): Promise<Answer> {
  const { index } = mirror;
  const { times } = services;
  const isNewest = timestamp === MAX_TIMESTAMP;
  const answer = await (isNewest ? times.findNewest(mirror) : times.find(mirror, timestamp));
  if (answer.error !== 0) return failed(index, answer.error);
  const record = answer.found;
  // A record that the asking consumer may not read yet is not there.
  return record !== null && record.offset < endFor(mirror, reach)
    ? found(index, record.offset, record.timestampMs, record.leaderEpoch)
    : failed(index, 0);
}

function found(
  partitionIndex: number,
  offset: number,
  timestamp: number,
  leaderEpoch: number,
): Answer {
  return { partitionIndex, errorCode: 0, timestamp, offset, leaderEpoch };
}

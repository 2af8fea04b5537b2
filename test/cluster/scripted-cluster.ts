import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { decodeRequest, encodeResponse } from '../../src/protocol/frames.ts';
import type { KraftRecord } from '../../src/protocol/metadata-record-table.ts';
import type { AlterPartitionRequest } from '../../src/protocol/schema/56-alter-partition.ts';
import type { EnvelopeRequest } from '../../src/protocol/schema/58-envelope.ts';
import type { BrokerRegistrationRequest } from '../../src/protocol/schema/62-broker-registration.ts';
import type { BrokerHeartbeatRequest } from '../../src/protocol/schema/63-broker-heartbeat.ts';
import type { AssignReplicasToDirsRequest } from '../../src/protocol/schema/73-assign-replicas-to-dirs.ts';
import { batchOf, idOf, kraft, partition, topic } from './kraft-records.ts';
import { ScriptedController } from './scripted-controller.ts';

const EPOCH = 7;
const OK = { throttleTimeMs: 0, errorCode: 0 };
const REFUSED = { ...OK, isCaughtUp: false, isFenced: true, shouldShutDown: false };
const FORWARDED = [
  { apiKey: API.CREATE_TOPICS, minVersion: 2, maxVersion: 7 },
  { apiKey: API.DELETE_TOPICS, minVersion: 1, maxVersion: 5 },
];

/** One controller that takes brokers, fences them and lets them lead, as Kafka's do. */
export class ScriptedCluster {
  readonly controller: ScriptedController;
  readonly registrations: BrokerRegistrationRequest[] = [];
  readonly heartbeats: BrokerHeartbeatRequest[] = [];
  readonly envelopes: EnvelopeRequest[] = [];
  readonly alterations: AlterPartitionRequest[] = [];
  readonly assignments: AssignReplicasToDirsRequest[] = [];
  /** What a registration is refused with; 0 where it is taken. */
  registrationError = 0;
  heartbeatError = 0;
  readonly #log: Buffer[] = [];
  #end = 0;
  #brokerEpoch = -1;
  #isFenced = true;
  #nextProducerId = 5000;

  private constructor(controller: ScriptedController) {
    this.controller = controller;
    controller.leader = { leaderId: controller.id, leaderEpoch: EPOCH };
    controller.peers = [controller];
    controller.served = FORWARDED;
    controller.onFetch = ({ fetchOffset, currentLeaderEpoch, highWatermark }) => {
      if (currentLeaderEpoch !== EPOCH) return { errorCode: ERROR.FENCED_LEADER_EPOCH };
      const behind = this.#log.filter((batch) => Number(batch.readBigInt64BE(0)) >= fetchOffset);
      if (behind.length === 0 && highWatermark === this.#end) return { highWatermark: this.#end };
      return { records: Buffer.concat(behind), highWatermark: this.#end };
    };
    controller.onAsked = (apiKey, body) => this.#answer(apiKey, body);
  }

  static async start(): Promise<ScriptedCluster> {
    const cluster = new ScriptedCluster(await ScriptedController.start(1));
    cluster.commit(kraft('featureLevel', { name: 'metadata.version', featureLevel: 30 }));
    return cluster;
  }

  get bootstrap(): string {
    const { host, port } = this.controller.address;
    return `${host}:${port}`;
  }

  commit(...records: KraftRecord[]): void {
    this.#log.push(batchOf(this.#end, EPOCH, records));
    this.#end += records.length;
  }

  /** A topic whose partitions these nodes lead, each alone. */
  createTopic(name: string, leaders: readonly number[]): void {
    const partitions = leaders.map((leader, index) => {
      return partition(name, index, { replicas: [leader], isr: [leader], leader });
    });
    this.commit(topic(name), ...partitions);
  }

  moveLeader(name: string, partitionId: number, leader: number): void {
    this.commit(kraft('partitionChange', { topicId: idOf(name), partitionId, leader }));
  }

  close(): Promise<void> {
    return this.controller.close();
  }

  #answer(apiKey: number, body: object): object | null {
    switch (apiKey) {
      case 56:
        return this.#alter(body as AlterPartitionRequest);
      case 62:
        return this.#register(body as BrokerRegistrationRequest);
      case 63:
        return this.#hear(body as BrokerHeartbeatRequest);
      case 67: {
        const producerIdStart = this.#nextProducerId;
        this.#nextProducerId += 1000;
        return { ...OK, producerIdStart, producerIdLen: 1000 };
      }
      case 73: {
        this.assignments.push(body as AssignReplicasToDirsRequest);
        return assigned(body as AssignReplicasToDirsRequest);
      }
      case API.CREATE_TOPICS:
        return this.#create(body as { topics: { name: string }[] });
      default:
        return this.#open(body as EnvelopeRequest);
    }
  }

  /** Agrees to what leaders propose. */
  #alter(body: AlterPartitionRequest): object {
    this.alterations.push(body);
    const topics = body.topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partitionIndex, leaderEpoch, ...asked }) => {
        const isr = asked.newIsrWithEpochs.map(({ brokerId }) => brokerId);
        this.commit(kraft('partitionChange', { topicId, partitionId: partitionIndex, isr }));
        const known = { errorCode: 0, leaderId: body.brokerId, leaderRecoveryState: 0 };
        const partitionEpoch = asked.partitionEpoch + 1;
        return { partitionIndex, ...known, leaderEpoch, isr, partitionEpoch };
      }),
    }));
    return { ...OK, topics };
  }

  #register(body: BrokerRegistrationRequest): object {
    this.registrations.push(body);
    if (this.registrationError !== 0) return { ...OK, errorCode: this.registrationError };
    this.#brokerEpoch = this.#end;
    this.#isFenced = true;
    this.heartbeatError = 0;
    this.commit(
      kraft('registerBroker', {
        brokerId: body.brokerId,
        brokerEpoch: this.#brokerEpoch,
        incarnationId: body.incarnationId,
        endPoints: body.listeners,
        features: body.features,
        rack: body.rack,
        fenced: true,
        logDirs: body.logDirs,
      }),
    );
    return { ...OK, brokerEpoch: this.#brokerEpoch };
  }

  #hear(body: BrokerHeartbeatRequest): object {
    this.heartbeats.push(body);
    if (this.heartbeatError !== 0) return { ...REFUSED, errorCode: this.heartbeatError };
    const isCaughtUp = body.currentMetadataOffset >= this.#brokerEpoch;
    if (isCaughtUp && !body.wantFence && this.#isFenced) {
      this.#isFenced = false;
      const change = { brokerId: body.brokerId, brokerEpoch: this.#brokerEpoch, fenced: -1 };
      this.commit(kraft('brokerRegistrationChange', change));
    }
    const shouldShutDown = body.wantShutDown && body.currentMetadataOffset === this.#end - 1;
    return { ...OK, isCaughtUp, isFenced: this.#isFenced, shouldShutDown };
  }

  #create({ topics }: { topics: { name: string }[] }): object {
    const leader = this.registrations.at(-1)?.brokerId ?? -1;
    for (const { name } of topics) this.createTopic(name, [leader]);
    const made = topics.map(({ name }) => ({ name, topicId: idOf(name), errorCode: 0 }));
    const more = { errorMessage: null, topicConfigErrorCode: 0, configs: [] };
    const sizes = { numPartitions: 1, replicationFactor: 1 };
    return { throttleTimeMs: 0, topics: made.map((each) => ({ ...each, ...more, ...sizes })) };
  }

  /** Of what comes in envelopes it answers CreateTopics; the rest it does not serve. */
  #open(body: EnvelopeRequest): object {
    this.envelopes.push(body);
    const { requestData } = body;
    if (requestData.readInt16BE(0) !== API.CREATE_TOPICS) {
      return { errorCode: ERROR.UNSUPPORTED_VERSION, responseData: null };
    }
    const { header, body: asked } = decodeRequest(API.CREATE_TOPICS, 7, requestData);
    const answer = this.#create(asked) as { topics: []; throttleTimeMs: number };
    const { correlationId } = header;
    const responseData = encodeResponse(API.CREATE_TOPICS, 7, correlationId, answer);
    return { errorCode: 0, responseData };
  }
}

/** Takes them all. The metadata say so once the test commits it. */
function assigned({ directories }: AssignReplicasToDirsRequest): object {
  const taken = directories.map(({ id, topics }) => ({
    id,
    topics: topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map((partition) => ({ ...partition, errorCode: 0 })),
    })),
  }));
  return { ...OK, directories: taken };
}

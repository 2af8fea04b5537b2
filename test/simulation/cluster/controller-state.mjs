/**
 * What Kafka's controllers know and decide, as far as it concerns replicas: registrations, fencing,
 * elections out of those in sync, changes of those in sync. Each decision is a batch of records.
 */
import { ERROR } from '../../../dist/base/kafka-errors.js';
import { changed, changeRecord, NO_LEADER, RECOVERED } from './partition-change.mjs';

const UNFENCED = -1;
const FENCED = 1;
const IN_SHUTDOWN = 1;
const PRODUCER_IDS = 1000;
const TOPIC_CONFIG = 2;
const NO_STATE = {
  leaderId: -1,
  leaderEpoch: -1,
  partitionEpoch: -1,
  leaderRecoveryState: RECOVERED,
  isr: [],
};

export class ControllerState {
  brokers = new Map();
  partitions = [];
  usesElr;
  #log;
  #sessionMs;
  #minInSync;
  #records = [];
  #nextProducerId = 0;

  constructor(log, { sessionMs, minInSync, usesElr }) {
    this.#log = log;
    this.#sessionMs = sessionMs;
    this.#minInSync = minInSync;
    this.usesElr = usesElr;
    this.#feature('metadata.version', 30);
    if (usesElr) this.#feature('eligible.leader.replicas.version', 1);
    this.#commit();
  }

  #feature(name, featureLevel) {
    this.#records.push({ kind: 'featureLevel', body: { name, featureLevel } });
  }

  #commit() {
    this.#log.append(this.#records.splice(0));
  }

  isActive(id) {
    const broker = this.brokers.get(id);
    return broker !== undefined && !broker.isFenced && !broker.isLeaving;
  }

  partition(topicId, index) {
    return this.partitions.find((each) => each.topicId === topicId && each.index === index);
  }

  /** The first replica leads. All must be active. */
  createTopic(name, topicId, replicasOf, configs) {
    this.#records.push({ kind: 'topic', body: { name, topicId } });
    for (const [index, replicas] of replicasOf.entries()) {
      const [leader] = replicas;
      const directories = replicas.map((id) => this.brokers.get(id).directoryId);
      const state = { topicId, index, name: `${name}-${index}`, replicas, isr: replicas, leader };
      const none = { leaderEpoch: 0, partitionEpoch: 0, elr: [], lastKnownElr: [], recovery: 0 };
      this.partitions.push({ ...state, ...none });
      const moves = { removingReplicas: [], addingReplicas: [], leaderEpoch: 0, partitionEpoch: 0 };
      const body = { topicId, partitionId: index, replicas, isr: replicas, leader, directories };
      this.#records.push({ kind: 'partition', body: { ...body, ...moves } });
    }
    for (const [key, value] of Object.entries(configs)) {
      const resource = { resourceType: TOPIC_CONFIG, resourceName: name };
      this.#records.push({ kind: 'config', body: { ...resource, name: key, value } });
    }
    this.#commit();
  }

  register(body, nowMs) {
    const { brokerId: id, incarnationId, listeners, features, rack, logDirs } = body;
    const known = this.brokers.get(id);
    if (known?.incarnationId === incarnationId) return { errorCode: 0, brokerEpoch: known.epoch };
    if (known !== undefined && !known.isFenced && nowMs - known.heardMs < this.#sessionMs) {
      return { errorCode: ERROR.DUPLICATE_BROKER_REGISTRATION, brokerEpoch: -1 };
    }
    const epoch = this.#log.end;
    if (known !== undefined) this.#stopped(id, known.epoch === body.previousBrokerEpoch);
    const registeredAt = this.#log.end + this.#records.length;
    const record = { brokerId: id, brokerEpoch: epoch, incarnationId, rack, logDirs, fenced: true };
    const endPoints = listeners.map((each) => ({ ...each }));
    this.#records.push({ kind: 'registerBroker', body: { ...record, endPoints, features } });
    const times = { heardMs: nowMs, registeredAt, offset: -1, leavingAt: -1 };
    const [directoryId] = logDirs;
    const flags = { isFenced: true, isLeaving: false };
    this.brokers.set(id, { id, epoch, incarnationId, directoryId, ...flags, ...times });
    this.#commit();
    return { errorCode: 0, brokerEpoch: epoch };
  }

  /** Another run of the broker begins. */
  #stopped(id, wasClean) {
    if (!this.usesElr || wasClean) {
      this.#without(id);
      return;
    }
    const isConcerned = ({ isr, elr }) => isr.includes(id) || elr.includes(id);
    this.#changeAll(isConcerned, ({ isr }) => isr.filter((each) => each !== id), {
      isAcceptable: (each) => each !== id && this.isActive(each),
      uncleanReplica: id,
    });
  }

  /** It leads nothing and is in sync nowhere any more. */
  #without(id) {
    this.#changeAll(
      ({ isr }) => isr.includes(id),
      ({ isr }) => isr.filter((each) => each !== id),
      { isAcceptable: (each) => each !== id && this.isActive(each) },
    );
  }

  #changeAll(isConcerned, isrOf, rules) {
    for (const before of this.partitions.filter(isConcerned)) {
      this.#change(before, isrOf(before), rules);
    }
  }

  #change(before, isr, rules) {
    const { usesElr } = this;
    const after = changed(before, isr, { minInSync: this.#minInSync, usesElr, ...rules });
    if (after === null) return before;
    this.#replace(before, after);
    return after;
  }

  #replace(before, after) {
    this.partitions[this.partitions.indexOf(before)] = after;
    this.#records.push(changeRecord(before, after));
  }

  heartbeat(body, nowMs) {
    const broker = this.brokers.get(body.brokerId);
    const refused = { isCaughtUp: false, isFenced: true, shouldShutDown: false };
    if (broker === undefined || broker.epoch !== body.brokerEpoch) {
      return { ...refused, errorCode: ERROR.STALE_BROKER_EPOCH };
    }
    broker.heardMs = nowMs;
    broker.offset = body.currentMetadataOffset;
    const isCaughtUp = broker.offset >= broker.registeredAt;
    const shouldShutDown = body.wantShutDown && this.#letGo(broker);
    if (broker.isFenced && !body.wantFence && !body.wantShutDown && isCaughtUp) {
      this.#unfence(broker);
    }
    this.#commit();
    return { errorCode: 0, isCaughtUp, isFenced: broker.isFenced, shouldShutDown };
  }

  #unfence(broker) {
    broker.isFenced = false;
    this.#registrationChange(broker, { fenced: UNFENCED });
    this.#changeAll(
      ({ leader }) => leader === NO_LEADER,
      ({ isr }) => isr,
      { isAcceptable: (id) => this.isActive(id) },
    );
  }

  #registrationChange({ id, epoch }, change) {
    const body = { brokerId: id, brokerEpoch: epoch, ...change };
    this.#records.push({ kind: 'brokerRegistrationChange', body });
  }

  /** True where a broker that wants to may stop: the others know that it leads nothing. */
  #letGo(broker) {
    const leads = () => this.partitions.some(({ leader }) => leader === broker.id);
    if (broker.isFenced) return true;
    if (!broker.isLeaving) {
      if (!leads()) {
        this.#fence(broker);
        return true;
      }
      broker.isLeaving = true;
      this.#registrationChange(broker, { inControlledShutdown: IN_SHUTDOWN });
      this.#without(broker.id);
      broker.leavingAt = this.#log.end + this.#records.length;
      return false;
    }
    const active = [...this.brokers.values()].filter(({ id }) => this.isActive(id));
    if (leads() || active.some(({ offset }) => offset < broker.leavingAt - 1)) return false;
    this.#fence(broker);
    return true;
  }

  #fence(broker) {
    broker.isFenced = true;
    broker.isLeaving = false;
    this.#without(broker.id);
    this.#registrationChange(broker, { fenced: FENCED });
  }

  /** Brokers that were silent for a session are fenced. */
  expire(nowMs) {
    for (const broker of this.brokers.values()) {
      if (broker.isFenced || nowMs - broker.heardMs < this.#sessionMs) continue;
      this.#fence(broker);
    }
    this.#commit();
  }

  /** Another controller leads now: it gives every broker a session from the start. */
  takeOver(nowMs) {
    for (const broker of this.brokers.values()) broker.heardMs = nowMs;
    this.#records.push({ kind: 'noOp', body: {} });
    this.#commit();
  }

  /** The first replica leads again, where it may. */
  electPreferred(partition) {
    const [preferred] = partition.replicas;
    const mayLead = partition.isr.includes(preferred) && this.isActive(preferred);
    if (!mayLead || partition.leader === preferred) return false;
    const { leaderEpoch, partitionEpoch } = partition;
    const epochs = { leaderEpoch: leaderEpoch + 1, partitionEpoch: partitionEpoch + 1 };
    this.#replace(partition, { ...partition, ...epochs, leader: preferred });
    this.#commit();
    return true;
  }

  allocateProducerIds() {
    const producerIdStart = this.#nextProducerId;
    this.#nextProducerId += PRODUCER_IDS;
    return { errorCode: 0, producerIdStart, producerIdLen: PRODUCER_IDS };
  }

  alterPartition({ brokerId, brokerEpoch, topics }) {
    const broker = this.brokers.get(brokerId);
    if (broker?.epoch !== brokerEpoch) return { errorCode: ERROR.STALE_BROKER_EPOCH, topics: [] };
    const answered = topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map((wanted) => this.#alter(brokerId, topicId, wanted)),
    }));
    this.#commit();
    return { errorCode: 0, topics: answered };
  }

  #alter(brokerId, topicId, wanted) {
    const { partitionIndex } = wanted;
    const before = this.partition(topicId, partitionIndex);
    const errorCode = this.#refusal(brokerId, before, wanted);
    if (errorCode !== ERROR.NONE) return { ...NO_STATE, partitionIndex, errorCode };
    const isr = wanted.newIsrWithEpochs.map((each) => each.brokerId);
    const rules = { isAcceptable: (id) => this.isActive(id) };
    const after = this.#change(before, isr, { ...rules, recovery: RECOVERED });
    const { leader: leaderId, leaderEpoch, partitionEpoch, recovery } = after;
    const epochs = { leaderEpoch, partitionEpoch, leaderRecoveryState: recovery };
    return { partitionIndex, errorCode, leaderId, isr: after.isr, ...epochs };
  }

  #refusal(brokerId, partition, { leaderEpoch, partitionEpoch, newIsrWithEpochs }) {
    if (partition === undefined) return ERROR.UNKNOWN_TOPIC_OR_PARTITION;
    if (leaderEpoch > partition.leaderEpoch) return ERROR.NOT_CONTROLLER;
    if (partitionEpoch > partition.partitionEpoch) return ERROR.NOT_CONTROLLER;
    if (leaderEpoch < partition.leaderEpoch) return ERROR.FENCED_LEADER_EPOCH;
    if (brokerId !== partition.leader) return ERROR.INVALID_REQUEST;
    if (partitionEpoch < partition.partitionEpoch) return ERROR.INVALID_UPDATE_VERSION;
    const ids = newIsrWithEpochs.map((each) => each.brokerId);
    const isSound = ids.includes(brokerId) && ids.every((id) => partition.replicas.includes(id));
    if (!isSound) return ERROR.INVALID_REQUEST;
    const isEligible = ({ brokerId: id, brokerEpoch }) =>
      this.isActive(id) && (brokerEpoch === -1 || brokerEpoch === this.brokers.get(id).epoch);
    return newIsrWithEpochs.every(isEligible) ? ERROR.NONE : ERROR.INELIGIBLE_REPLICA;
  }
}

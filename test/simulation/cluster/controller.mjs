/**
 * The active controller of a simulated cluster as a process on the network. When it ends another
 * one takes over, at the same address: the brokers see a new epoch and lose their connections.
 */
import { ERROR } from '../../../dist/base/kafka-errors.js';
import { findCodec } from '../../../dist/protocol/api-registry.js';
import { decodeRequest, encodeResponse } from '../../../dist/protocol/frames.js';
import { RequestHeader, readRequestHeader } from '../../../dist/protocol/header.js';
import { API } from '../../../dist/protocol/index.js';
import { decodeMessage, encodeMessage } from '../../../dist/protocol/message-bytes.js';
import { ALTER_PARTITION } from '../../../dist/protocol/schema/56-alter-partition.js';
import { BROKER_REGISTRATION } from '../../../dist/protocol/schema/62-broker-registration.js';
import { BROKER_HEARTBEAT } from '../../../dist/protocol/schema/63-broker-heartbeat.js';
import { ALLOCATE_PRODUCER_IDS } from '../../../dist/protocol/schema/67-allocate-producer-ids.js';
import { SimulatedConnection } from '../connection.mjs';
import { SimulatedProcess } from '../process.mjs';

const ID = 100;
const CLUSTER_ID = 'simulated-cluster';
const NOTHING = Buffer.alloc(0);
const BODY_BEHIND_TAGS = 1;
const FETCH_WAIT_MS = 200;
const EXPIRE_EVERY_MS = 20;
const SERVED = [
  { apiKey: API.FETCH, minVersion: 4, maxVersion: 18 },
  { apiKey: API.API_VERSIONS, minVersion: 0, maxVersion: 4 },
  { apiKey: API.DESCRIBE_CLUSTER, minVersion: 0, maxVersion: 2 },
];
const ASKED = new Map(
  [ALTER_PARTITION, BROKER_REGISTRATION, BROKER_HEARTBEAT, ALLOCATE_PRODUCER_IDS].map((schema) => [
    schema.key,
    schema,
  ]),
);

export class Controller {
  name = 'controller';
  isDead = true;
  process = new SimulatedProcess();
  port;
  state;
  #log;
  #loop;
  #history;
  #connections = new Set();
  #waiting = new Set();

  constructor(log, state, loop, history, port) {
    this.#log = log;
    this.state = state;
    this.#loop = loop;
    this.#history = history;
    this.port = port;
    log.onAppended = () => this.#answerFetches(({ fetchOffset }) => fetchOffset < log.end);
  }

  get isUp() {
    return !this.isDead;
  }

  start() {
    this.isDead = false;
    this.process = new SimulatedProcess();
    this.#log.epoch++;
    this.#history.note(`controller of epoch ${this.#log.epoch}`);
    this.state.takeOver(this.#loop.nowMs);
    this.#loop.start(() => this.#look(), EXPIRE_EVERY_MS, this.process, EXPIRE_EVERY_MS);
  }

  kill() {
    this.isDead = true;
    this.process.isLive = false;
    this.#waiting.clear();
    for (const connection of this.#connections) connection.cut();
    this.#connections.clear();
  }

  #look() {
    const { nowMs } = this.#loop;
    this.state.expire(nowMs);
    this.#answerFetches(({ untilMs }) => untilMs <= nowMs);
  }

  accept(near, random, options) {
    if (this.isDead) return null;
    const where = { ...options, address: '10.0.0.2', port: 1 };
    const connection = new SimulatedConnection(this, near, this.#loop, random, where);
    this.#connections.add(connection);
    connection.served = { connection, received: NOTHING, onClosed: () => {} };
    return connection;
  }

  run(call) {
    call();
  }

  onGone(connection) {
    this.#connections.delete(connection);
  }

  onDrained() {}

  onBytes(served, bytes) {
    served.received = Buffer.concat([served.received, bytes]);
    while (served.received.length >= 4) {
      const end = 4 + served.received.readInt32BE(0);
      if (served.received.length < end) break;
      const frame = served.received.subarray(4, end);
      served.received = served.received.subarray(end);
      const header = new RequestHeader();
      readRequestHeader(frame, 0, frame.length, header);
      this.#answer(served.connection, header, frame);
    }
    return NOTHING;
  }

  #answer(connection, header, frame) {
    const { apiKey, apiVersion, correlationId } = header;
    const reply = (body) => {
      const whole = { throttleTimeMs: 0, ...body };
      send(connection, encodeResponse(apiKey, apiVersion, correlationId, whole));
    };
    if (apiKey === API.API_VERSIONS) {
      reply({ errorCode: 0, apiKeys: SERVED, finalizedFeaturesEpoch: 0 });
    } else if (apiKey === API.DESCRIBE_CLUSTER) {
      const none = { errorCode: 0, errorMessage: null, brokers: [] };
      reply({ ...none, clusterId: CLUSTER_ID, controllerId: ID, endpointType: 2 });
    } else if (apiKey === API.FETCH) {
      this.#fetch(decodeRequest(apiKey, apiVersion, frame).body, reply);
    } else {
      this.#decide(connection, header, frame);
    }
  }

  /** Headers of what only controllers serve end with tagged fields that the reader leaves. */
  #decide(connection, { apiKey, apiVersion, correlationId, bodyStart }, frame) {
    const api = ASKED.get(apiKey);
    const start = findCodec(apiKey) === undefined ? bodyStart + BODY_BEHIND_TAGS : bodyStart;
    const body = decodeMessage(api.request, apiVersion, frame, start, frame.length);
    const answer = this.#decision(apiKey, body);
    const head = Buffer.alloc(5);
    head.writeInt32BE(correlationId);
    const encoded = encodeMessage(api.response, apiVersion, { throttleTimeMs: 0, ...answer });
    send(connection, Buffer.concat([head, encoded]));
  }

  #decision(apiKey, body) {
    const { nowMs } = this.#loop;
    switch (apiKey) {
      case ALTER_PARTITION.key:
        return this.state.alterPartition(body);
      case BROKER_REGISTRATION.key:
        return this.state.register(body, nowMs);
      case BROKER_HEARTBEAT.key:
        return this.state.heartbeat(body, nowMs);
      default:
        return this.state.allocateProducerIds();
    }
  }

  /** What there is at once; else it waits for more, as the observer allows. */
  #fetch({ topics, maxWaitMs }, reply) {
    const [{ topicId, partitions }] = topics;
    const [{ fetchOffset, currentLeaderEpoch, highWatermark }] = partitions;
    const untilMs = this.#loop.nowMs + Math.min(maxWaitMs, FETCH_WAIT_MS);
    const fetch = { topicId, fetchOffset, currentLeaderEpoch, untilMs, reply };
    const { end, epoch } = this.#log;
    if (currentLeaderEpoch !== epoch || fetchOffset < end || highWatermark !== end) {
      this.#reply(fetch);
    } else {
      this.#waiting.add(fetch);
    }
  }

  #answerFetches(isDue) {
    for (const fetch of this.#waiting) {
      if (!isDue(fetch)) continue;
      this.#waiting.delete(fetch);
      this.#reply(fetch);
    }
  }

  #reply({ topicId, fetchOffset, currentLeaderEpoch, reply }) {
    const { end, epoch } = this.#log;
    const isOld = currentLeaderEpoch !== epoch;
    const none = { epoch: -1, endOffset: -1 };
    const partition = {
      partitionIndex: 0,
      errorCode: isOld ? ERROR.FENCED_LEADER_EPOCH : ERROR.NONE,
      highWatermark: isOld ? -1 : end,
      lastStableOffset: -1,
      logStartOffset: 0,
      divergingEpoch: none,
      currentLeader: { leaderId: ID, leaderEpoch: epoch },
      snapshotId: none,
      abortedTransactions: null,
      preferredReadReplica: -1,
      records: isOld ? NOTHING : this.#log.from(fetchOffset),
    };
    reply({
      errorCode: 0,
      sessionId: 0,
      responses: [{ topic: '', topicId, partitions: [partition] }],
      nodeEndpoints: [{ nodeId: ID, host: 'controller', port: this.port, rack: null }],
    });
  }
}

function send(connection, bytes) {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  connection.transport.write([length, bytes]);
}

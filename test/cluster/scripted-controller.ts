import { createServer, type Server, type Socket } from 'node:net';
import { API } from '../../src/protocol/api-keys.ts';
import { findCodec } from '../../src/protocol/api-registry.ts';
import { decodeRequest, encodeResponse } from '../../src/protocol/frames.ts';
import { RequestHeader, readRequestHeader } from '../../src/protocol/header.ts';
import { decodeMessage, encodeMessage } from '../../src/protocol/message-bytes.ts';
import type {
  FetchRequestFetchPartition,
  FetchResponsePartitionData,
} from '../../src/protocol/schema/01-fetch.ts';
import { CREATE_TOPICS } from '../../src/protocol/schema/19-create-topics.ts';
import { ALTER_PARTITION } from '../../src/protocol/schema/56-alter-partition.ts';
import { ENVELOPE } from '../../src/protocol/schema/58-envelope.ts';
import { FETCH_SNAPSHOT } from '../../src/protocol/schema/59-fetch-snapshot.ts';
import { BROKER_REGISTRATION } from '../../src/protocol/schema/62-broker-registration.ts';
import { BROKER_HEARTBEAT } from '../../src/protocol/schema/63-broker-heartbeat.ts';
import { ALLOCATE_PRODUCER_IDS } from '../../src/protocol/schema/67-allocate-producer-ids.ts';
import { ASSIGN_REPLICAS_TO_DIRS } from '../../src/protocol/schema/73-assign-replicas-to-dirs.ts';
import type { ApiSchema } from '../../src/protocol/schema-dsl.ts';

const NO_ID = { epoch: -1, endOffset: -1 };
const SERVED = [
  { apiKey: API.FETCH, minVersion: 4, maxVersion: 18 },
  { apiKey: API.API_VERSIONS, minVersion: 0, maxVersion: 4 },
  { apiKey: API.DESCRIBE_CLUSTER, minVersion: 0, maxVersion: 2 },
  { apiKey: FETCH_SNAPSHOT.key, minVersion: 0, maxVersion: 1 },
];
const BODY_BEHIND_TAGS = 1;

/** What a broker asks the controllers, by key, with the versions that they serve. */
const ASKED = new Map<number, ApiSchema<unknown, unknown>>(
  [
    ALTER_PARTITION,
    ENVELOPE,
    BROKER_REGISTRATION,
    BROKER_HEARTBEAT,
    ALLOCATE_PRODUCER_IDS,
    ASSIGN_REPLICAS_TO_DIRS,
    CREATE_TOPICS,
  ].map((schema) => [schema.key, schema as ApiSchema<unknown, unknown>] as const),
);

/** What the answer to a fetch has beside the leader. */
export type FetchAnswer = Partial<FetchResponsePartitionData>;

/** A controller on loopback whose answers the test decides. It writes down what it was asked. */
export class ScriptedController {
  readonly id: number;
  clusterId = 'the-cluster';
  /** Whom the answers name. */
  leader = { leaderId: -1, leaderEpoch: 0 };
  peers: readonly ScriptedController[] = [];
  readonly fetches: FetchRequestFetchPartition[] = [];
  /** Answers a fetch, or lets it wait for ever by null. */
  onFetch: (asked: FetchRequestFetchPartition) => FetchAnswer | null = () => null;
  snapshot: Buffer | null = null;
  /** Answers what a broker asks beside the metadata, or lets it wait for ever by null. */
  onAsked: (apiKey: number, body: never) => object | null = () => null;
  /** Of APIs that clients may ask for, those that it serves beside its own. */
  served: readonly { apiKey: number; minVersion: number; maxVersion: number }[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #port = 0;

  private constructor(id: number) {
    this.id = id;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
      let kept = Buffer.alloc(0);
      socket.on('data', (bytes) => {
        kept = Buffer.concat([kept, bytes]);
        while (kept.length >= 4 && kept.length >= 4 + kept.readInt32BE(0)) {
          const end = 4 + kept.readInt32BE(0);
          const answer = this.#answer(kept.subarray(4, end));
          kept = kept.subarray(end);
          if (answer === null) continue;
          const length = Buffer.alloc(4);
          length.writeInt32BE(answer.length);
          socket.write(Buffer.concat([length, answer]));
        }
      });
    });
  }

  static async start(id: number): Promise<ScriptedController> {
    const controller = new ScriptedController(id);
    await controller.listen();
    return controller;
  }

  get address() {
    return { host: '127.0.0.1', port: this.#port };
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (this.#server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #answer(bytes: Buffer): Buffer | null {
    const header = new RequestHeader();
    readRequestHeader(bytes, 0, bytes.length, header);
    const { apiKey, apiVersion, correlationId } = header;
    if (apiKey === API.API_VERSIONS) {
      const apiKeys = [...SERVED, ...this.served];
      const body = { errorCode: 0, apiKeys, finalizedFeaturesEpoch: 0 };
      return encodeResponse(API.API_VERSIONS, apiVersion, correlationId, body);
    }
    if (apiKey === API.DESCRIBE_CLUSTER) {
      const body = { clusterId: this.clusterId, errorCode: 0, errorMessage: null, brokers: [] };
      const all = { ...body, throttleTimeMs: 0, controllerId: 1, endpointType: 2 };
      return encodeResponse(API.DESCRIBE_CLUSTER, apiVersion, correlationId, all);
    }
    if (apiKey === API.FETCH) return this.#answerFetch(bytes, apiVersion, correlationId);
    const asked = ASKED.get(apiKey);
    if (asked !== undefined) return this.#answerAsked(asked, bytes, header);
    return this.#answerSnapshot(bytes, header.bodyStart, correlationId);
  }

  /** Headers of what only controllers serve end with tagged fields that the reader leaves. */
  #answerAsked(
    api: ApiSchema<unknown, unknown>,
    bytes: Buffer,
    { apiKey, apiVersion, correlationId, bodyStart }: RequestHeader,
  ): Buffer | null {
    const start = findCodec(apiKey) === undefined ? bodyStart + BODY_BEHIND_TAGS : bodyStart;
    const body = decodeMessage(api.request, apiVersion, bytes, start, bytes.length);
    const answer = this.onAsked(apiKey, body as never);
    if (answer === null) return null;
    const head = Buffer.alloc(5);
    head.writeInt32BE(correlationId);
    return Buffer.concat([head, encodeMessage(api.response, apiVersion, answer as never)]);
  }

  #endpoints() {
    return this.peers.map(({ id, address }) => ({ nodeId: id, ...address, rack: null }));
  }

  #answerFetch(bytes: Buffer, version: number, correlationId: number): Buffer | null {
    const { body } = decodeRequest(API.FETCH, version, bytes);
    const asked = body.topics[0]!.partitions[0]!;
    this.fetches.push(asked);
    const answer = this.onFetch(asked);
    if (answer === null) return null;
    const partition: FetchResponsePartitionData = {
      partitionIndex: 0,
      errorCode: 0,
      highWatermark: -1,
      lastStableOffset: -1,
      logStartOffset: 0,
      divergingEpoch: NO_ID,
      currentLeader: this.leader,
      snapshotId: NO_ID,
      abortedTransactions: null,
      preferredReadReplica: -1,
      records: Buffer.alloc(0),
      ...answer,
    };
    const topic = { topic: '', topicId: body.topics[0]!.topicId, partitions: [partition] };
    return encodeResponse(API.FETCH, version, correlationId, {
      throttleTimeMs: 0,
      errorCode: 0,
      sessionId: 0,
      responses: [topic],
      nodeEndpoints: this.#endpoints(),
    });
  }

  /** In pieces as the request asks for them; without a snapshot SNAPSHOT_NOT_FOUND. */
  #answerSnapshot(bytes: Buffer, bodyStart: number, correlationId: number): Buffer {
    const body = decodeMessage(FETCH_SNAPSHOT.request, 1, bytes, bodyStart + 1, bytes.length);
    const { snapshotId, position } = body.topics[0]!.partitions[0]!;
    const whole = this.snapshot;
    const piece = whole?.subarray(position, position + body.maxBytes) ?? Buffer.alloc(0);
    const partition = {
      index: 0,
      errorCode: whole === null ? 98 : 0,
      snapshotId,
      currentLeader: this.leader,
      size: whole?.length ?? 0,
      position,
      unalignedRecords: piece,
    };
    const encoded = encodeMessage(FETCH_SNAPSHOT.response, 1, {
      throttleTimeMs: 0,
      errorCode: 0,
      topics: [{ name: '__cluster_metadata', partitions: [partition] }],
      nodeEndpoints: this.#endpoints().map(({ rack: _, ...endpoint }) => endpoint),
    });
    const head = Buffer.alloc(5);
    head.writeInt32BE(correlationId);
    return Buffer.concat([head, encoded]);
  }
}

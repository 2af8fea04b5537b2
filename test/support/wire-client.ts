import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { API, type ApiKey } from '../../src/protocol/api-keys.ts';
import type { RequestOf, ResponseOf } from '../../src/protocol/api-registry.ts';
import { type Draft, decodeResponse, encodeRequest } from '../../src/protocol/frames.ts';
import { buildBatch, type RecordInput } from '../../src/records/batch-builder.ts';

/** One connection that sends any request and waits for its answer, one after the other. */
export class WireClient {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #correlationId = 0;
  #waiting: ((frame: Buffer | null) => void) | null = null;

  /** Resolves to null when the broker closes the connection. */
  readonly closed: Promise<null>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', () => resolve(null));
    });
    socket.on('data', (chunk: Buffer) => this.#onBytes(chunk));
    socket.on('close', () => this.#waiting?.(null));
    socket.on('error', () => socket.destroy());
  }

  static async open(port: number): Promise<WireClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new WireClient(socket);
  }

  /** Rejects when the broker closes the connection instead of answering. */
  async ask<Key extends ApiKey>(
    key: Key,
    version: number,
    body: Draft<RequestOf<Key>>,
  ): Promise<ResponseOf<Key>> {
    const answer = await this.#exchange(key, version, (correlationId) => {
      return encodeRequest(key, version, { correlationId, clientId: 'tests' }, body);
    });
    return decodeResponse(key, version, answer).body;
  }

  /** Sends a body as it is, behind a header of version 1. */
  askRaw(key: ApiKey, version: number, body: Buffer): Promise<Buffer> {
    return this.#exchange(key, version, (correlationId) => {
      const header = Buffer.alloc(10);
      header.writeInt16BE(key, 0);
      header.writeInt16BE(version, 2);
      header.writeInt32BE(correlationId, 4);
      header.writeInt16BE(-1, 8);
      return Buffer.concat([header, body]);
    });
  }

  async #exchange(
    key: ApiKey,
    version: number,
    encode: (correlationId: number) => Buffer,
  ): Promise<Buffer> {
    const answer = await this.askFrame(encode(++this.#correlationId));
    if (answer === null) throw new Error(`the connection was closed on api ${key} v${version}`);
    return answer;
  }

  /** Sends a frame as it is; null where the connection is closed instead of an answer. */
  askFrame(frame: Buffer): Promise<Buffer | null> {
    const length = Buffer.alloc(4);
    length.writeInt32BE(frame.length);
    this.#socket.write(Buffer.concat([length, frame]));
    return new Promise<Buffer | null>((resolve) => {
      if (this.#socket.destroyed) resolve(null);
      else this.#waiting = resolve;
    });
  }

  /** Appends one batch with acks=1 and says at which offset. */
  async produce(topic: string, index: number, records: readonly RecordInput[]): Promise<number> {
    const batch = buildBatch(records);
    const answer = await this.ask(API.PRODUCE, 9, {
      transactionalId: null,
      acks: 1,
      timeoutMs: 10_000,
      topicData: [{ name: topic, partitionData: [{ index, records: batch }] }],
    });
    const partition = answer.responses[0]!.partitionResponses[0]!;
    if (partition.errorCode !== 0) throw new Error(`produce failed with ${partition.errorCode}`);
    return partition.baseOffset;
  }

  close(): void {
    this.#socket.destroy();
  }

  #onBytes(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    if (this.#received.length < 4) return;
    const end = 4 + this.#received.readInt32BE(0);
    if (this.#received.length < end) return;
    const frame = this.#received.subarray(4, end);
    this.#received = this.#received.subarray(end);
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.(frame);
  }
}

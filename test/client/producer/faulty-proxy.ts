import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { API } from '../../../src/protocol/api-keys.ts';
import { decodeResponse, encodeResponseFrame } from '../../../src/protocol/frames.ts';
import { RequestHeader, readRequestHeader } from '../../../src/protocol/header.ts';
import { FrameCutter } from '../frame-cutter.ts';

/** What the proxy does with the next request and its answer; 'pass' hands them on. */
export type Fault =
  | { readonly kind: 'pass' }
  /** The request reaches the broker; of the answer only so many bytes come back, then the end. */
  | { readonly kind: 'cut-answer'; readonly bytes: number }
  /** Of the request only so many bytes reach the broker, then both sides end. */
  | { readonly kind: 'cut-request'; readonly bytes: number }
  /** The answer waits so long. */
  | { readonly kind: 'hold-answer'; readonly ms: number }
  /** The answer comes twice. */
  | { readonly kind: 'repeat-answer' }
  /** The answer says that it is so long. */
  | { readonly kind: 'lie-about-length'; readonly length: number };

/**
 * Between a producer and its broker. Metadata that passes names the proxy as the broker, so that
 * every connection goes through it.
 */
export class FaultyProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Asked for each request of these, in the order in which they come. */
  next: (apiKey: number) => Fault = () => ({ kind: 'pass' });
  faulty: readonly number[] = [API.PRODUCE];

  private constructor(brokerPort: number) {
    this.#server = createServer((client) => this.#serve(client, connect(brokerPort, '127.0.0.1')));
  }

  static async start(brokerPort: number): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(brokerPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(client: Socket, broker: Socket): void {
    const end = () => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    const expected: { apiKey: number; version: number; fault: Fault }[] = [];
    const requests = new FrameCutter();
    client.on('data', (chunk: Buffer) => {
      requests.push(chunk);
      for (let frame = requests.next(); frame !== null; frame = requests.next()) {
        const header = new RequestHeader();
        readRequestHeader(frame, 0, frame.length, header);
        const { apiKey, apiVersion: version } = header;
        const isFaulty = this.faulty.includes(apiKey);
        const fault: Fault = isFaulty ? this.next(apiKey) : { kind: 'pass' };
        const whole = framed(frame);
        if (fault.kind === 'cut-request') {
          broker.end(whole.subarray(0, fault.bytes % whole.length), end);
          return;
        }
        expected.push({ apiKey, version, fault });
        broker.write(whole);
      }
    });
    const answers = new FrameCutter();
    let before = Promise.resolve();
    broker.on('data', (chunk: Buffer) => {
      answers.push(chunk);
      for (let frame = answers.next(); frame !== null; frame = answers.next()) {
        const { apiKey, version, fault } = expected.shift()!;
        const whole = this.#renamed(apiKey, frame, version);
        before = before.then(() => answer(client, whole, fault, end));
      }
    });
  }

  /** Wherever an answer names the broker, it names the proxy. */
  #renamed(apiKey: number, frame: Buffer, version: number): Buffer {
    const { port } = this;
    if (apiKey === API.METADATA) {
      const { correlationId, body } = decodeResponse(API.METADATA, version, frame);
      const brokers = body.brokers.map((each) => ({ ...each, port }));
      return encodeResponseFrame(API.METADATA, version, correlationId, { ...body, brokers });
    }
    if (apiKey !== API.FIND_COORDINATOR) return framed(frame);
    const { correlationId, body } = decodeResponse(API.FIND_COORDINATOR, version, frame);
    const coordinators = body.coordinators.map((each) => ({ ...each, port }));
    const isMany = body.coordinators.length > 0;
    const renamed = isMany ? { ...body, coordinators } : { ...body, port };
    return encodeResponseFrame(API.FIND_COORDINATOR, version, correlationId, renamed);
  }
}

async function answer(client: Socket, whole: Buffer, fault: Fault, end: () => void): Promise<void> {
  if (fault.kind === 'hold-answer') {
    await new Promise((resolve) => setTimeout(resolve, fault.ms));
  }
  if (client.destroyed) return;
  if (fault.kind === 'lie-about-length') whole.writeInt32BE(fault.length);
  if (fault.kind === 'repeat-answer') client.write(whole);
  if (fault.kind !== 'cut-answer') client.write(whole);
  else if (fault.bytes === 0) end();
  else client.end(whole.subarray(0, fault.bytes % whole.length), end);
}

function framed(frame: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(frame.length);
  return Buffer.concat([length, frame]);
}

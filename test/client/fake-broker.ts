import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { API } from '../../src/protocol/api-keys.ts';
import { findCodec } from '../../src/protocol/api-registry.ts';
import { encodeResponseFrame } from '../../src/protocol/frames.ts';
import { RequestHeader, readRequestHeader } from '../../src/protocol/header.ts';
import { FrameCutter } from './frame-cutter.ts';

export interface SeenRequest {
  readonly apiKey: number;
  readonly version: number;
  readonly correlationId: number;
  readonly body: unknown;
}

/** Answers one request by what the test says; null says nothing. */
export type Answer = (request: SeenRequest, socket: Socket) => Buffer | null;

/** A broker that does as it is told, for what no real one would do. */
export class FakeBroker {
  readonly requests: SeenRequest[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(answer: Answer) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      const frames = new FrameCutter();
      socket.on('data', (chunk: Buffer) => {
        frames.push(chunk);
        for (let frame = frames.next(); frame !== null; frame = frames.next()) {
          const request = read(frame);
          this.requests.push(request);
          const response = answer(request, socket);
          if (response !== null) socket.write(response);
        }
      });
    });
  }

  static async start(answer: Answer): Promise<FakeBroker> {
    const fake = new FakeBroker(answer);
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get address(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function read(frame: Buffer): SeenRequest {
  const header = new RequestHeader();
  readRequestHeader(frame, 0, frame.length, header);
  const { apiKey, apiVersion: version, correlationId, bodyStart } = header;
  const codec = findCodec(apiKey)!;
  const known = codec.request.supports(version);
  const body = known ? codec.request.decoder(version)(frame, bodyStart, frame.length) : null;
  return { apiKey, version, correlationId, body };
}

/** Says that these APIs are served, each in versions 0 to the given one. */
export function apiVersions(request: SeenRequest, served: Readonly<Record<number, number>>) {
  const apiKeys = Object.entries({ [API.API_VERSIONS]: 4, ...served }).map(([key, version]) => ({
    apiKey: Number(key),
    minVersion: 0,
    maxVersion: version,
  }));
  const body = { errorCode: 0, apiKeys };
  return encodeResponseFrame(API.API_VERSIONS, request.version, request.correlationId, body);
}

import { type ApiKey, decodeResponse, encodeRequest } from '../../src/protocol/index.ts';
import { WebSocketClient } from './web-socket-client.ts';

type Body<Key extends ApiKey> = Parameters<typeof encodeRequest<Key>>[3];

/** Kafka requests over the subprotocol `kafka`, one at a time. */
export class KafkaOverWebSocket {
  readonly client: WebSocketClient;
  #correlationId = 1;

  private constructor(client: WebSocketClient) {
    this.client = client;
  }

  static async open(url: string): Promise<KafkaOverWebSocket> {
    return new KafkaOverWebSocket(await WebSocketClient.open(url, 'kafka'));
  }

  async request<Key extends ApiKey>(apiKey: Key, version: number, body: Body<Key>) {
    const correlationId = this.#correlationId++;
    const request = encodeRequest(apiKey, version, { correlationId, clientId: 'test' }, body);
    const length = Buffer.alloc(4);
    length.writeInt32BE(request.length);
    this.client.sendBinary(Buffer.concat([length, request]));
    const frame = await this.client.nextFrame();
    if (frame.readInt32BE(0) !== frame.length - 4)
      throw new Error('a message is no whole response');
    return decodeResponse(apiKey, version, frame.subarray(4)).body;
  }

  close(): void {
    this.client.close();
  }
}

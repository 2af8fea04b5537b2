import { reasonOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { FrontProxy } from '../../exchange/front-proxy.ts';
import { apiName } from '../../protocol/api-registry.ts';
import { ByteWriter } from '../../protocol/byte-writer.ts';
import { encodeAnswer } from './encode-answer.ts';

const NOTHING = Buffer.alloc(0);

/** Encodes answers and sends them to the front; all share one slab, copied to the ring at once. */
export class CoordinatorAnswers {
  readonly #front: FrontProxy;
  readonly #logger: Logger;
  readonly #writer = new ByteWriter();

  constructor(front: FrontProxy, logger: Logger) {
    this.#front = front;
    this.#logger = logger;
  }

  send(ticket: number, apiKey: number, version: number, body: object): void {
    const writer = this.#writer;
    writer.begin();
    try {
      encodeAnswer(writer, apiKey, version, body);
      this.#front.coordinated(ticket, writer.bytes.subarray(writer.start, writer.position));
    } catch (thrown) {
      // This is a defect of the broker. The client gets an answer, and other clients are not
      // affected.
      const api = `${apiName(apiKey)} v${version}`;
      this.#logger.error(`the answer to ${api} cannot be encoded: ${reasonOf(thrown)}`);
      this.#front.coordinated(ticket, NOTHING);
    }
    writer.abandon();
  }

  /** The front closes the connection of a request that cannot be read. */
  refuse(ticket: number): void {
    this.#front.coordinated(ticket, NOTHING);
  }
}

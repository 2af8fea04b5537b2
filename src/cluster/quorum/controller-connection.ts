import { type BrokerAddress, formatAddress } from '../../client/broker-address.ts';
import { throwAnswerError, toKafkaError } from '../../client/errors/kafka-error.ts';
import { Connection } from '../../client/net/connection.ts';
import type { ConnectionSettings } from '../../client/net/connection-settings.ts';
import { API, type ApiKey } from '../../protocol/api-keys.ts';
import type { Draft } from '../../protocol/frames.ts';
import type { FetchRequest, FetchResponse } from '../../protocol/schema/01-fetch.ts';
import type { ApiSchema } from '../../protocol/schema-dsl.ts';
import { controllerRequest, controllerResponse } from './controller-request.ts';

/** Version 17 names the directory of the one who fetches, version 18 its high watermark. */
const FETCH_VERSION = 18;
const DESCRIBE_CONTROLLERS = 2;

/** One connection to one controller. */
export class ControllerConnection {
  readonly address: BrokerAddress;
  readonly #connection: Connection;
  readonly #settings: ConnectionSettings;

  private constructor(
    address: BrokerAddress,
    connection: Connection,
    settings: ConnectionSettings,
  ) {
    this.address = address;
    this.#connection = connection;
    this.#settings = settings;
  }

  static async open(
    address: BrokerAddress,
    settings: ConnectionSettings,
  ): Promise<ControllerConnection> {
    const connection = await Connection.open(address, settings);
    return new ControllerConnection(address, connection, settings);
  }

  /** The versions of each API that the controller serves, by key. */
  get served(): Connection['served'] {
    return this.#connection.served;
  }

  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  close(): void {
    this.#connection.close();
  }

  fetch(body: Draft<FetchRequest>, timeoutMs: number): Promise<FetchResponse> {
    return this.#connection.ask(API.FETCH, body, { maxVersion: FETCH_VERSION, timeoutMs });
  }

  /** The id of the cluster that the controller belongs to. */
  async clusterId(): Promise<string> {
    const answer = await this.#connection.ask(API.DESCRIBE_CLUSTER, {
      includeClusterAuthorizedOperations: false,
      endpointType: DESCRIBE_CONTROLLERS,
      includeFencedBrokers: false,
    });
    const subject = `DescribeCluster of the controller at ${formatAddress(this.address)}`;
    throwAnswerError(answer.errorCode, answer.errorMessage, subject);
    return answer.clusterId;
  }

  /** Asks for what only controllers serve. */
  ask<Request, Response>(
    api: ApiSchema<Request, Response>,
    version: number,
    body: Draft<Request>,
    timeoutMs: number = this.#settings.requestTimeoutMs,
  ): Promise<Response> {
    const frame = controllerRequest(api, version, this.#settings.clientId, body);
    return new Promise((resolve, reject) => {
      const onAnswer = (bytes: Buffer, start: number, end: number, isOwned: boolean) => {
        const answer = isOwned
          ? bytes.subarray(start, end)
          : Buffer.from(bytes.subarray(start, end));
        try {
          resolve(controllerResponse(api, version, answer, 0, answer.length));
        } catch (thrown) {
          reject(toKafkaError(thrown));
        }
      };
      const handler = { onAnswer, onFailure: reject };
      this.#connection.send(api.key as ApiKey, [frame], handler, timeoutMs);
    });
  }
}

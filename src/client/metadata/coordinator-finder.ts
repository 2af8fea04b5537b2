import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import { answerError, KafkaError } from '../errors/kafka-error.ts';
import type { Network } from '../net/network.ts';

/** What is coordinated, by the key type of FindCoordinator. */
export const COORDINATOR_OF = { GROUP: 0, TRANSACTION: 1 } as const;

export type CoordinatorKind = (typeof COORDINATOR_OF)[keyof typeof COORDINATOR_OF];

const NAMES = ['group', 'transactional id'] as const;
/** From this version on FindCoordinator takes many keys. */
const BATCHED_VERSION = 4;

interface FoundCoordinator {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** The broker that coordinates a group or a transactional id. */
export class CoordinatorFinder {
  readonly #network: Network;
  readonly #kind: CoordinatorKind;
  readonly #byKey = new Map<string, number>();

  constructor(network: Network, kind: CoordinatorKind) {
    this.#network = network;
    this.#kind = kind;
  }

  /** Its id; asked for once and then remembered. One attempt: the error says whether to retry. */
  async find(key: string): Promise<number> {
    const found = (await this.findAll([key])).get(key);
    if (found instanceof KafkaError) throw found;
    if (found !== undefined) return found;
    const text = `the broker did not answer about ${this.#subject(key)}`;
    throw new KafkaError('MALFORMED_ANSWER', text);
  }

  /** Of each key its coordinator or its error, with as few requests as the broker allows. */
  async findAll(keys: readonly string[]): Promise<Map<string, number | KafkaError>> {
    const found = new Map<string, number | KafkaError>();
    const asked = keys.filter((key) => {
      const known = this.#byKey.get(key);
      if (known === undefined || !this.#network.nodes.has(known)) return true;
      found.set(key, known);
      return false;
    });
    if (asked.length === 0) return found;
    const connection = await this.#network.any();
    const keyType = this.#kind;
    if (connection.versionOf(API.FIND_COORDINATOR) >= BATCHED_VERSION) {
      const body = { keyType, coordinatorKeys: asked };
      const answer = await connection.ask(API.FIND_COORDINATOR, body);
      for (const each of answer.coordinators) found.set(each.key, this.#learn(each.key, each));
      return found;
    }
    const answers = asked.map(async (key) => {
      const answer = await connection.ask(API.FIND_COORDINATOR, { key, keyType });
      found.set(key, this.#learn(key, answer));
    });
    await Promise.all(answers);
    return found;
  }

  /** Call it where the broker denies its role or cannot be reached. */
  forget(key: string): void {
    this.#byKey.delete(key);
  }

  #learn(key: string, found: FoundCoordinator): number | KafkaError {
    const { nodeId: id, host, port, errorCode, errorMessage } = found;
    if (errorCode !== ERROR.NONE) return answerError(errorCode, errorMessage, this.#subject(key));
    if (!this.#network.nodes.has(id)) this.#network.addNode({ id, host, port, rack: null });
    this.#byKey.set(key, id);
    return id;
  }

  #subject(key: string): string {
    return `coordinator of ${NAMES[this.#kind]} ${key}`;
  }
}

/** What passes while a coordinator starts, loads or moves. */
export function isCoordinatorMove(errorCode: number): boolean {
  return errorCode === ERROR.NOT_COORDINATOR || errorCode === ERROR.COORDINATOR_NOT_AVAILABLE;
}

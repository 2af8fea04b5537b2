import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import { throwAnswerError } from '../errors/kafka-error.ts';
import type { Network } from '../net/network.ts';

/** What is coordinated, by the key type of FindCoordinator. */
export const COORDINATOR_OF = { GROUP: 0, TRANSACTION: 1 } as const;

export type CoordinatorKind = (typeof COORDINATOR_OF)[keyof typeof COORDINATOR_OF];

const NAMES = ['group', 'transactional id'] as const;
/** From this version on FindCoordinator takes many keys. */
const BATCHED_VERSION = 4;

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
    const known = this.#byKey.get(key);
    if (known !== undefined && this.#network.nodes.has(known)) return known;
    const keyType = this.#kind;
    const connection = await this.#network.any();
    const answer = await connection.ask(API.FIND_COORDINATOR, (version) =>
      version < BATCHED_VERSION ? { key, keyType } : { keyType, coordinatorKeys: [key] },
    );
    const found = answer.coordinators[0] ?? answer;
    const subject = `coordinator of ${NAMES[keyType]} ${key}`;
    throwAnswerError(found.errorCode, found.errorMessage, subject);
    const { nodeId: id, host, port } = found;
    if (!this.#network.nodes.has(id)) this.#network.addNode({ id, host, port, rack: null });
    this.#byKey.set(key, id);
    return id;
  }

  /** Call it where the broker denies its role or cannot be reached. */
  forget(key: string): void {
    this.#byKey.delete(key);
  }
}

/** What passes while a coordinator starts, loads or moves. */
export function isCoordinatorMove(errorCode: number): boolean {
  return errorCode === ERROR.NOT_COORDINATOR || errorCode === ERROR.COORDINATOR_NOT_AVAILABLE;
}

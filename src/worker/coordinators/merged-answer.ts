import { ERROR } from '../../base/kafka-errors.ts';
import type { CoordinatorKind } from '../../coordination/coordinator-kind.ts';
import type { CoordinatorCall } from '../../coordination/coordinator-shard.ts';
import type { Waiter } from './waiter.ts';

/** One answer out of those of several partitions, given to a client when the last of them came. */
export class MergedAnswer implements Waiter {
  readonly #call: CoordinatorCall;
  readonly #kind: CoordinatorKind;
  readonly #client: Waiter;
  readonly #bodies: object[] = [];
  #missing: number;

  constructor(call: CoordinatorCall, kind: CoordinatorKind, client: Waiter, partitions: number) {
    this.#call = call;
    this.#kind = kind;
    this.#client = client;
    this.#missing = partitions;
    if (partitions === 0) this.#send();
  }

  answer(body: object): void {
    this.#bodies.push(body);
    this.#finishOne();
  }

  /** What another broker coordinates is told by that one. */
  refuse(errorCode: number): void {
    const { apiKey, version, request } = this.#call;
    if (errorCode === ERROR.NOT_COORDINATOR) this.#finishOne();
    else this.answer(this.#kind.refuse(apiKey, version, request, errorCode)!);
  }

  #finishOne(): void {
    this.#missing--;
    if (this.#missing === 0) this.#send();
  }

  #send(): void {
    this.#client.answer(this.#kind.merge(this.#call.apiKey, this.#bodies));
  }
}

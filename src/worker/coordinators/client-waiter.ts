import type { CoordinatorKind } from '../../coordination/coordinator-kind.ts';
import type { CoordinatorCall } from '../../coordination/coordinator-shard.ts';
import type { CoordinatorAnswers } from './coordinator-answers.ts';
import type { Waiter } from './waiter.ts';

/** A client at the front, which gets the answer under the ticket of its request. */
export class ClientWaiter implements Waiter {
  readonly #call: CoordinatorCall;
  readonly #kind: CoordinatorKind;
  readonly #answers: CoordinatorAnswers;

  constructor(call: CoordinatorCall, kind: CoordinatorKind, answers: CoordinatorAnswers) {
    this.#call = call;
    this.#kind = kind;
    this.#answers = answers;
  }

  answer(body: object): void {
    const { ticket, apiKey, version } = this.#call;
    this.#answers.send(ticket, apiKey, version, body);
  }

  refuse(errorCode: number): void {
    const { ticket, apiKey, version, request } = this.#call;
    const body = this.#kind.refuse(apiKey, version, request, errorCode);
    if (body === null) this.#answers.refuse(ticket);
    else this.answer(body);
  }
}

import type { Clock } from '../../base/clock.ts';
import { type MutationBudget, UNBOUNDED } from '../../metadata/mutation-budget.ts';
import type { ClientQuotas, RateName } from '../../security/quotas/client-quotas.ts';
import type { Call } from '../net/call.ts';
import type { Principal } from '../net/principal.ts';
import { ClientThrottle } from './client-throttle.ts';

/** A share of the processor is told in percent of one second: 10 ms are one percent. */
const MS_PER_PERCENT = 10;

/**
 * Holds the clients of calls to their quotas. A client that is over one gets its answer at once,
 * with the time to pause in it, and its connection takes no request for that time.
 */
export class Throttling {
  readonly #quotas: ClientQuotas;
  readonly #clock: Clock;
  /** How often clients were made to pause, and for how long in all. */
  pauseCount = 0;
  pausedMs = 0;

  constructor(quotas: ClientQuotas, clock: Clock) {
    this.#quotas = quotas;
    this.#clock = clock;
  }

  /** Of a client that speaks otherwise than by calls. */
  of({ name }: Principal): ClientThrottle {
    return new ClientThrottle(this.#quotas, this.#clock, name);
  }

  /** Whether the router measures how long requests take. */
  get timesRequests(): boolean {
    return this.#quotas.areSet('request_percentage');
  }

  /** Counts the bytes that a call produced. Without an answer only they count, as in Kafka. */
  produced(call: Call, isAnswered: boolean): void {
    this.#use('producer_byte_rate', call, call.bytes);
    if (!isAnswered) this.#pause(call);
  }

  /** Counts the records of an answer. True where the client gets none of them for now. */
  fetched(call: Call, bytes: number): boolean {
    this.#use('consumer_byte_rate', call, bytes);
    this.#countTime(call);
    if (call.throttleTimeMs === 0) return false;
    if (!this.#quotas.areSet('consumer_byte_rate')) return true;
    const { user, clientId } = clientOf(call);
    this.#quotas.giveBack('consumer_byte_rate', user, clientId, bytes, this.#clock.monotonicMs());
    return true;
  }

  /** The most bytes of records that one answer may hold. */
  fetchBytesMax(call: Call): number {
    if (!this.#quotas.areSet('consumer_byte_rate')) return Number.POSITIVE_INFINITY;
    const { user, clientId } = clientOf(call);
    return this.#quotas.mostAtOnce('consumer_byte_rate', user, clientId);
  }

  /**
   * What the client of a call may still change. Where it is strict, changes over the quota are
   * refused. Older clients know no such error, so their changes pass, and they pause.
   */
  mutations(call: Call, isStrict: boolean): MutationBudget {
    if (!this.#quotas.areSet('controller_mutation_rate')) return UNBOUNDED;
    const { user, clientId } = clientOf(call);
    const pause = () => {
      return this.#quotas.mutationPauseMs(user, clientId, this.#clock.monotonicMs());
    };
    return {
      take: (partitions) => {
        const owedMs = isStrict ? pause() : 0;
        if (owedMs === 0) {
          const nowMs = this.#clock.monotonicMs();
          this.#quotas.countMutations(user, clientId, partitions, nowMs);
        }
        lengthen(call, isStrict ? owedMs : pause());
        return owedMs === 0;
      },
    };
  }

  /** Ends the count of a call that is answered now, and makes its client pause if it must. */
  settle(call: Call): void {
    this.#countTime(call);
    this.#pause(call);
  }

  #pause(call: Call): void {
    if (call.throttleTimeMs === 0) return;
    this.pauseCount++;
    this.pausedMs += call.throttleTimeMs;
    call.connection.mute(call.throttleTimeMs);
  }

  #countTime(call: Call): void {
    if (call.isTimeCounted || !this.timesRequests) return;
    call.isTimeCounted = true;
    const nowMs = this.#clock.monotonicMs();
    const tookMs = call.threadMs < 0 ? nowMs - call.startedMs : call.threadMs;
    const { user, clientId } = clientOf(call);
    const percent = tookMs / MS_PER_PERCENT;
    const pauseMs = this.#quotas.use('request_percentage', user, clientId, percent, nowMs);
    lengthen(call, Math.min(pauseMs, this.#quotas.sampleMs));
  }

  #use(name: RateName, call: Call, amount: number): void {
    if (!this.#quotas.areSet(name)) return;
    const { user, clientId } = clientOf(call);
    const nowMs = this.#clock.monotonicMs();
    lengthen(call, this.#quotas.use(name, user, clientId, amount, nowMs));
  }
}

function clientOf({ connection, clientId }: Call) {
  return { user: connection.principal.name, clientId: clientId ?? '' };
}

function lengthen(call: Call, pauseMs: number): void {
  if (pauseMs > call.throttleTimeMs) call.throttleTimeMs = pauseMs;
}

import type { ClientQuota } from '../../metadata/image.ts';
import { ClientShares } from './client-shares.ts';
import { Meters } from './meters.ts';
import type { QuotaName } from './quota-table.ts';
import { SampledRate } from './sampled-rate.ts';
import { TokenBucket } from './token-bucket.ts';

export interface QuotaWindows {
  readonly samples: number;
  readonly sampleMs: number;
  readonly mutationSamples: number;
  readonly mutationSampleMs: number;
}

export interface QuotaSource {
  readonly image: { readonly quotas: ReadonlyMap<string, ClientQuota> };
}

/** What is over a rate: those of bytes, and the share of the processor. */
export type RateName = Exclude<QuotaName, 'controller_mutation_rate'>;

/**
 * How much each client uses of what its quotas allow, and how long it has to pause for what it
 * used too much. The quotas are those of the metadata, at once after each change.
 */
export class ClientQuotas {
  readonly #source: QuotaSource;
  readonly #windows: QuotaWindows;
  #quotas: ReadonlyMap<string, ClientQuota>;
  #shares: Readonly<Record<QuotaName, ClientShares>>;
  readonly #rates: Readonly<Record<RateName, Meters<SampledRate>>>;
  readonly #buckets: Meters<TokenBucket>;

  constructor(source: QuotaSource, windows: QuotaWindows) {
    this.#source = source;
    this.#windows = windows;
    const rates = () => new Meters(() => new SampledRate(windows.samples, windows.sampleMs));
    this.#rates = {
      producer_byte_rate: rates(),
      consumer_byte_rate: rates(),
      request_percentage: rates(),
    };
    const burstSeconds = (windows.mutationSamples * windows.mutationSampleMs) / 1000;
    this.#buckets = new Meters(() => new TokenBucket(burstSeconds));
    this.#quotas = source.image.quotas;
    this.#shares = sharesOf(this.#quotas);
  }

  /** Whether anybody has a quota of this name. */
  areSet(name: QuotaName): boolean {
    return this.#current()[name].areSet;
  }

  /** Counts a use. Answers for how many milliseconds the client has to pause. */
  use(name: RateName, user: string, clientId: string, amount: number, nowMs: number): number {
    const share = this.#current()[name].of(user, clientId);
    if (share === null) return 0;
    const rate = this.#rates[name].of(share.key, nowMs);
    rate.record(amount, nowMs);
    const excess = rate.measure(nowMs) - share.limit;
    return excess <= 0 ? 0 : Math.round((excess / share.limit) * rate.windowMs(nowMs));
  }

  /** Takes back a use that did not come about. */
  giveBack(name: RateName, user: string, clientId: string, amount: number, nowMs: number): void {
    const share = this.#current()[name].of(user, clientId);
    if (share !== null) this.#rates[name].of(share.key, nowMs).record(-amount, nowMs);
  }

  /** The most that one answer may hold: more would never fit in the window. */
  mostAtOnce(name: RateName, user: string, clientId: string): number {
    const share = this.#current()[name].of(user, clientId);
    if (share === null) return Number.POSITIVE_INFINITY;
    const { samples, sampleMs } = this.#windows;
    return (share.limit * (samples - 1) * sampleMs) / 1000;
  }

  /** How long the client has to wait before it may change anything again. */
  mutationPauseMs(user: string, clientId: string, nowMs: number): number {
    const share = this.#current().controller_mutation_rate.of(user, clientId);
    if (share === null) return 0;
    return this.#buckets.of(share.key, nowMs).debtMs(share.limit, nowMs);
  }

  countMutations(user: string, clientId: string, count: number, nowMs: number): void {
    const share = this.#current().controller_mutation_rate.of(user, clientId);
    if (share === null) return;
    this.#buckets.of(share.key, nowMs).take(count, share.limit, nowMs);
  }

  get sampleMs(): number {
    return this.#windows.sampleMs;
  }

  #current(): Readonly<Record<QuotaName, ClientShares>> {
    const { quotas } = this.#source.image;
    if (quotas !== this.#quotas) {
      this.#quotas = quotas;
      this.#shares = sharesOf(quotas);
    }
    return this.#shares;
  }
}

function sharesOf(
  quotas: ReadonlyMap<string, ClientQuota>,
): Readonly<Record<QuotaName, ClientShares>> {
  const of = (name: QuotaName) => new ClientShares(quotas.values(), name);
  return {
    producer_byte_rate: of('producer_byte_rate'),
    consumer_byte_rate: of('consumer_byte_rate'),
    request_percentage: of('request_percentage'),
    controller_mutation_rate: of('controller_mutation_rate'),
  };
}

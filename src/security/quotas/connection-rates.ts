import { type ClientQuota, quotaKey } from '../../metadata/image.ts';
import type { QuotaSource, QuotaWindows } from './client-quotas.ts';
import { Meters } from './meters.ts';
import { SampledRate } from './sampled-rate.ts';

const NAME = 'connection_creation_rate';
const MAPPED = '::ffff:';

/** Holds addresses to the quotas of new connections. One that is refused is not counted. */
export class ConnectionRates {
  readonly #source: QuotaSource;
  readonly #rates: Meters<SampledRate>;
  #quotas: ReadonlyMap<string, ClientQuota> | null = null;
  #areSet = false;

  constructor(source: QuotaSource, windows: QuotaWindows) {
    this.#source = source;
    this.#rates = new Meters(() => new SampledRate(windows.samples, windows.sampleMs));
  }

  /** The quota that the address is over, or 0 where it may connect. */
  exceededBy(address: string, nowMs: number): number {
    this.#look();
    if (!this.#areSet) return 0;
    const ip = address.startsWith(MAPPED) ? address.slice(MAPPED.length) : address;
    const limit = this.#limitOf(ip) ?? this.#limitOf(null);
    if (limit === undefined) return 0;
    const rate = this.#rates.of(ip, nowMs);
    rate.record(1, nowMs);
    if (rate.measure(nowMs) <= limit) return 0;
    rate.record(-1, nowMs);
    return limit;
  }

  #look(): void {
    const { quotas } = this.#source.image;
    if (quotas === this.#quotas) return;
    this.#quotas = quotas;
    this.#areSet = [...quotas.values()].some(({ values }) => values.has(NAME));
  }

  #limitOf(ip: string | null): number | undefined {
    return this.#quotas!.get(quotaKey([['ip', ip]]))?.values.get(NAME);
  }
}

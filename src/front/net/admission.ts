import type { ConnectionRates } from '../../security/quotas/connection-rates.ts';

/**
 * The limits of connections. All are finite by default, so that one peer cannot use up the share
 * of the others.
 */
export interface AdmissionLimits {
  readonly connectionsMax: number;
  readonly connectionsPerIpMax: number;
  readonly connectionsPerIpOverrides: ReadonlyMap<string, number>;
  /** New connections a second over all listeners. A burst may have as many as one second. */
  readonly creationRateMax: number;
  /** As many connections as there are file descriptors for. */
  readonly descriptorsMax: number;
}

/** The share of the descriptors that HTTP may take. Kafka's clients need the rest. */
const GATEWAY_PART = 0.75;

export class Admission {
  /** May change at any time. Peers that are connected stay. */
  limits: AdmissionLimits;
  readonly #rates: ConnectionRates | null;
  readonly #perIp = new Map<string, number>();
  #count = 0;
  #gatewayCount = 0;
  #allowance: number;
  #allowanceAtMs: number;

  constructor(limits: AdmissionLimits, nowMs: number, rates: ConnectionRates | null = null) {
    this.#rates = rates;
    this.limits = limits;
    this.#allowance = limits.creationRateMax;
    this.#allowanceAtMs = nowMs;
  }

  get connectionCount(): number {
    return this.#count;
  }

  /** Returns '' if the peer may connect, and counts it until `leave`. Else the reason. */
  enter(address: string, nowMs: number): string {
    const { limits } = this;
    if (this.#count >= limits.connectionsMax) {
      return `max.connections (${limits.connectionsMax}) is reached`;
    }
    if (this.#count + this.#gatewayCount >= limits.descriptorsMax) {
      return `the limit of open files leaves room for ${limits.descriptorsMax}`;
    }
    const ofIp = this.#perIp.get(address) ?? 0;
    const ofIpMax = limits.connectionsPerIpOverrides.get(address) ?? limits.connectionsPerIpMax;
    if (ofIp >= ofIpMax) return `max.connections.per.ip (${ofIpMax}) is reached`;
    if (!this.#takeAllowance(nowMs)) {
      return `max.connection.creation.rate (${limits.creationRateMax} a second) is exceeded`;
    }
    const quota = this.#rates?.exceededBy(address, nowMs) ?? 0;
    if (quota > 0) return `the quota connection_creation_rate (${quota} a second) is exceeded`;
    this.#count++;
    this.#perIp.set(address, ofIp + 1);
    return '';
  }

  leave(address: string): void {
    this.#count--;
    const left = (this.#perIp.get(address) ?? 1) - 1;
    if (left === 0) this.#perIp.delete(address);
    else this.#perIp.set(address, left);
  }

  /** True if a peer may connect to the HTTP listener. It counts until `leaveGateway`. */
  enterGateway(): boolean {
    const { descriptorsMax } = this.limits;
    if (this.#gatewayCount >= GATEWAY_PART * descriptorsMax) return false;
    if (this.#count + this.#gatewayCount >= descriptorsMax) return false;
    this.#gatewayCount++;
    return true;
  }

  leaveGateway(): void {
    this.#gatewayCount--;
  }

  #takeAllowance(nowMs: number): boolean {
    const rate = this.limits.creationRateMax;
    const earned = ((nowMs - this.#allowanceAtMs) * rate) / 1000;
    this.#allowance = Math.min(rate, this.#allowance + earned);
    this.#allowanceAtMs = nowMs;
    if (this.#allowance < 1) return false;
    this.#allowance -= 1;
    return true;
  }
}

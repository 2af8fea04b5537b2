import type { Clock } from '../../base/clock.ts';
import type { SaslMechanism } from './sasl-server.ts';
import { SaslSession } from './sasl-session.ts';

export interface SaslListenerLimits {
  /** The largest message that a client may send before it is authenticated. */
  readonly receiveBytesMax: number;
  /** A client that failed is answered after this time. */
  readonly failureDelayMs: number;
  /** Time that a client has to authenticate. */
  readonly timeoutMs: number;
}

/** What a listener asks of its clients. It makes the session of each connection. */
export class SaslListener {
  readonly limits: SaslListenerLimits;
  readonly #mechanisms: ReadonlyMap<string, SaslMechanism>;
  readonly #clock: Clock;

  constructor(mechanisms: readonly SaslMechanism[], limits: SaslListenerLimits, clock: Clock) {
    this.#mechanisms = new Map(mechanisms.map((mechanism) => [mechanism.name, mechanism]));
    this.limits = limits;
    this.#clock = clock;
  }

  open(): SaslSession {
    return new SaslSession(this.#mechanisms, this.limits, this.#clock);
  }
}

import type { Clock } from '../../base/clock.ts';

/** Who did it, or tried to. */
export interface AuditSubject {
  /** `User:alice`; the name that was shown where it was not believed. */
  readonly principal: string;
  readonly address: string;
}

/** What is written: never a password, a token or the value of a configuration. */
export type AuditDetails = Readonly<Record<string, string | number | readonly string[]>>;

/** So many lines about failures and denials are written in a second. The rest is counted. */
const LINES_PER_SECOND = 20;
/** The same denial is told once in this time: a client that polls is denied with each request. */
const REPEAT_MS = 10_000;
const REPEATS_MAX = 1000;
const SECOND_MS = 1000;

/**
 * One JSON line for each failed authentication, denied request, and change of rules, users, quotas
 * and configurations. Changes are all written. Who fails or is denied cannot fill the disk.
 */
export class AuditLog {
  readonly #write: (line: string) => void;
  readonly #clock: Clock;
  readonly #toldMs = new Map<string, number>();
  #secondStartMs = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #held = 0;

  constructor(write: (line: string) => void, clock: Clock) {
    this.#write = write;
    this.#clock = clock;
  }

  changed(who: AuditSubject, what: string, details: AuditDetails): void {
    this.#line({ event: 'changed', ...who, what, ...details });
  }

  failed(who: AuditSubject, mechanism: string, reason: string): void {
    if (this.#hasRoom()) this.#line({ event: 'authentication-failed', ...who, mechanism, reason });
  }

  denied(who: AuditSubject, operation: string, resource: string): void {
    const key = JSON.stringify([who.principal, who.address, operation, resource]);
    const nowMs = this.#clock.monotonicMs();
    const toldMs = this.#toldMs.get(key);
    if (toldMs !== undefined && nowMs - toldMs < REPEAT_MS) return;
    if (!this.#hasRoom()) return;
    if (this.#toldMs.size >= REPEATS_MAX) this.#toldMs.clear();
    this.#toldMs.set(key, nowMs);
    this.#line({ event: 'denied', ...who, operation, resource });
  }

  #hasRoom(): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#secondStartMs >= SECOND_MS) {
      const held = this.#held;
      this.#secondStartMs = nowMs;
      this.#lines = 0;
      this.#held = 0;
      if (held > 0) this.#line({ event: 'suppressed', count: held });
    }
    if (this.#lines >= LINES_PER_SECOND) {
      this.#held++;
      return false;
    }
    this.#lines++;
    return true;
  }

  #line(fields: Readonly<Record<string, unknown>>): void {
    const time = new Date(this.#clock.wallMs()).toISOString();
    this.#write(JSON.stringify({ time, ...fields }));
  }
}

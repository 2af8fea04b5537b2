import { isDeepStrictEqual } from 'node:util';
import { assert } from '../../../base/assert.ts';
import { reasonOf } from '../../../base/errors.ts';
import { every } from '../../../base/every.ts';
import { logFailure } from '../../../base/log-failure.ts';
import type { Logger } from '../../../base/logger.ts';
import type { TlsListenerSettings } from '../../../metadata/config/tls-settings.ts';
import { TlsContext } from './tls-context.ts';

const FILES_CHECK_MS = 2_000;

type TlsSettings = ReadonlyMap<string, TlsListenerSettings>;

/**
 * Keys and certificates of the listeners that are open. They follow their files and the
 * configuration. What cannot be used is told of, and what is in use stays.
 */
export class TlsContexts {
  readonly #logger: Logger;
  readonly #opened = new Map<string, TlsContext>();
  #settings: TlsSettings;
  /** Runs from the first listener on. */
  #watch: NodeJS.Timeout | null = null;

  /** By the names of the listeners. */
  constructor(settings: TlsSettings, logger: Logger) {
    this.#settings = settings;
    this.#logger = logger;
  }

  /** Whether the listener speaks TLS. */
  has(listener: string): boolean {
    return this.#settings.has(listener);
  }

  /** Throws where its files cannot be used. */
  open(listener: string): TlsContext {
    const settings = this.#settings.get(listener);
    assert(settings !== undefined, `listener ${listener} has no settings of TLS`);
    const context = new TlsContext(settings);
    this.#opened.set(listener, context);
    this.#tellDates(listener, context);
    const onFailure = logFailure(this.#logger, 'looking for new certificates');
    this.#watch ??= every(FILES_CHECK_MS, () => this.#readFiles(), onFailure).unref();
    return context;
  }

  #readFiles(): void {
    for (const [listener, context] of this.#opened) {
      this.#try(listener, context, () => context.readAgain());
    }
  }

  /** Takes settings that were changed while the broker runs. */
  take(settings: TlsSettings): void {
    this.#settings = settings;
    for (const [listener, context] of this.#opened) {
      const next = settings.get(listener);
      if (next === undefined || isDeepStrictEqual(next, context.settings)) continue;
      this.#try(listener, context, () => {
        context.take(next);
        return true;
      });
    }
  }

  #try(listener: string, context: TlsContext, renew: () => boolean): void {
    try {
      if (!renew()) return;
      this.#logger.info(`listener ${listener} has new certificates`);
      this.#tellDates(listener, context);
    } catch (thrown) {
      this.#logger.warn(`listener ${listener} keeps its certificates: ${reasonOf(thrown)}`);
    }
  }

  /** A certificate that is out of date is used all the same: the clock may be wrong. */
  #tellDates(listener: string, context: TlsContext): void {
    const what = context.outOfDate(Date.now());
    if (what === '') return;
    this.#logger.warn(`the certificate of listener ${listener} ${what}: clients refuse it`);
  }

  close(): void {
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#opened.clear();
  }
}

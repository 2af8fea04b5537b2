import { once } from 'node:events';
import { constants } from 'node:os';
import { systemCodeOf } from '../base/errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const SIGNAL_EXIT_BASE = 128;

/**
 * Why a command that runs for long is to end early: the first SIGINT or SIGTERM, or a reader of its
 * output that has gone. It then closes in order. A second signal ends the process at once.
 */
export class Ending implements Disposable {
  /** Resolves once the command is to end. */
  readonly asked: Promise<void>;
  readonly #controller = new AbortController();
  readonly #onSignal = (name: 'SIGINT' | 'SIGTERM') => this.#end(name);
  readonly #onOutputError = (error: Error) => this.#outputFailed(error);
  #code: number | null = null;

  constructor() {
    for (const name of SIGNALS) process.on(name, this.#onSignal);
    process.stdout.on('error', this.#onOutputError);
    this.asked = new Promise((resolve) => {
      this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the command was told to end. */
  get isAsked(): boolean {
    return this.signal.aborted;
  }

  /** 130 after SIGINT; 0 where the reader had enough; null where nobody asked for the end. */
  get code(): number | null {
    return this.#code;
  }

  /** The command is done by itself. */
  finish(): void {
    this.#controller.abort();
  }

  /** Writes and waits where the reader is slower. Nothing is written once the reader is gone. */
  async write(bytes: string | Uint8Array): Promise<void> {
    if (this.isAsked || process.stdout.write(bytes)) return;
    try {
      await once(process.stdout, 'drain', { signal: this.signal });
    } catch (thrown) {
      // The reader went, or a signal came: whoever writes looks at `isAsked`.
      if (!this.isAsked) throw thrown;
    }
  }

  [Symbol.dispose](): void {
    for (const name of SIGNALS) process.off(name, this.#onSignal);
  }

  #end(name: 'SIGINT' | 'SIGTERM'): void {
    const code = SIGNAL_EXIT_BASE + constants.signals[name];
    if (this.#code !== null) process.exit(code);
    this.#code = code;
    this.#controller.abort();
  }

  #outputFailed(error: Error): void {
    if (systemCodeOf(error) !== 'EPIPE') throw error;
    this.#code ??= 0;
    this.#controller.abort();
  }
}

import type { ListenerHost } from './listener.ts';
import type { NodeTransport } from './node-transport.ts';

/** Peers of node:net that have sent nothing so far, the longest silent first. */
export class SilentTransports {
  readonly #host: ListenerHost;
  readonly #now: () => number;
  readonly #cameMs = new Map<NodeTransport, number>();

  constructor(host: ListenerHost, now: () => number) {
    this.#host = host;
    this.#now = now;
  }

  get count(): number {
    return this.#cameMs.size;
  }

  add(transport: NodeTransport): void {
    this.#cameMs.set(transport, this.#now());
  }

  /** Says when the peer came, which has spoken or gone. */
  take(transport: NodeTransport): number | undefined {
    const cameMs = this.#cameMs.get(transport);
    this.#cameMs.delete(transport);
    return cameMs;
  }

  /** Ends those that were silent for too long; false when `untilMs` came before it was done. */
  endLate(silentMsMax: number, untilMs: number): boolean {
    const nowMs = this.#now();
    for (const [transport, cameMs] of this.#cameMs) {
      if (nowMs - cameMs <= silentMsMax) return true;
      this.#host.onLate(transport.remoteAddress, transport.remotePort, nowMs - cameMs);
      this.#end(transport);
      if (this.#now() >= untilMs) return false;
    }
    return true;
  }

  endAll(): void {
    for (const transport of this.#cameMs.keys()) this.#end(transport);
  }

  #end(transport: NodeTransport): void {
    this.#cameMs.delete(transport);
    transport.destroy();
  }
}

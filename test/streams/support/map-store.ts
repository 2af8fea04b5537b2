import type { StateStore, StoreContext } from '#millrace/streams/topology/state-store';
import type { CustomSpec } from '#millrace/streams/topology/store-spec';

/** The least that a store can be: texts in a map, written to its changelog. */
export class MapStore implements StateStore {
  readonly name: string;
  readonly rows = new Map<string, string>();
  isOpen = false;
  flushes = 0;
  #context: StoreContext | null = null;

  constructor(name: string) {
    this.name = name;
  }

  open(context: StoreContext): void {
    this.#context = context;
    this.isOpen = true;
  }

  get(key: string): string | undefined {
    return this.rows.get(key);
  }

  put(key: string, value: string): void {
    const context = this.#context!;
    this.rows.set(key, value);
    context.log(this.name, Buffer.from(key), Buffer.from(value), context.timestamp);
  }

  restore(key: Uint8Array, value: Uint8Array | null): void {
    const name = Buffer.from(key).toString();
    if (value === null) this.rows.delete(name);
    else this.rows.set(name, Buffer.from(value).toString());
  }

  flush(): void {
    this.flushes++;
  }

  close(): void {
    this.isOpen = false;
  }
}

/** As the topology names it. */
export function mapStore(name: string): CustomSpec {
  return {
    kind: 'custom',
    name,
    logging: true,
    logConfig: {},
    caching: false,
    persistent: false,
    build: () => new MapStore(name),
  };
}

import { type MeasuredCall, StoreMeter } from '../metrics/store-meter.ts';
import type { StateStore, StoreContext } from '../topology/state-store.ts';
import type { StoreSpec } from '../topology/store-spec.ts';

const NS_PER_MS = 1e6;

type Calls = Readonly<Record<string, MeasuredCall>>;
type Call = (this: unknown, ...args: unknown[]) => unknown;

/** By kind of store: its methods, and under which name each of them counts. */
const CALLS: Partial<Readonly<Record<StoreSpec['kind'], Calls>>> = {
  'key-value': {
    put: 'put',
    putIfAbsent: 'put-if-absent',
    get: 'get',
    delete: 'delete',
    range: 'range',
    reverseRange: 'range',
    all: 'all',
    reverseAll: 'all',
    prefixScan: 'prefix-scan',
    flush: 'commit',
  },
  versioned: { put: 'put', get: 'get', getAsOf: 'get', delete: 'delete', flush: 'commit' },
  window: {
    put: 'put',
    get: 'fetch',
    fetch: 'fetch',
    backwardFetch: 'fetch',
    fetchRange: 'fetch',
    fetchAll: 'fetch',
    all: 'fetch',
    scan: 'fetch',
    backwardScan: 'fetch',
    flush: 'commit',
  },
  session: {
    put: 'put',
    remove: 'remove',
    get: 'fetch',
    fetch: 'fetch',
    fetchRange: 'fetch',
    findSessions: 'fetch',
    backwardFindSessions: 'fetch',
    findSessionsByEnd: 'fetch',
    flush: 'commit',
  },
};

const meters = new WeakMap<StateStore, StoreMeter>();

/**
 * Measures the calls of a store from now on: each of its methods gets a clock around it. What a
 * method calls of the same store does not count by itself.
 */
export function measureStore(store: StateStore, kind: StoreSpec['kind'], ages: boolean): void {
  const calls = CALLS[kind];
  if (calls === undefined) return;
  const names = new Set<MeasuredCall>([...Object.values(calls), 'restore']);
  const meter = new StoreMeter([...names], ages);
  meters.set(store, meter);
  const methods = store as unknown as Record<string, Call>;
  let depth = 0;
  for (const [method, name] of Object.entries(calls)) {
    const call = methods[method]!;
    methods[method] = function measured(...args) {
      if (depth > 0) return call.apply(this, args);
      const startMs = performance.now();
      depth++;
      try {
        const given = call.apply(this, args);
        if (isRows(given)) return new MeasuredRows(given, meter, name);
        meter.onCall(name, (performance.now() - startMs) * NS_PER_MS);
        return given;
      } finally {
        depth--;
      }
    };
  }
  if (ages) measureAges(store, meter);
}

/** Undefined where its calls are not measured. */
export function meterOf(store: StateStore): StoreMeter | undefined {
  return meters.get(store);
}

function measureAges(store: StateStore, meter: StoreMeter): void {
  const methods = store as unknown as Record<string, Call>;
  const { open, put } = methods;
  let context: StoreContext | undefined;
  methods.open = function opened(...args) {
    context = args[0] as StoreContext;
    return open!.apply(this, args);
  };
  methods.put = function aged(...args) {
    if (context !== undefined) meter.ages!.add(context.systemTime() - context.timestamp);
    return put!.apply(this, args);
  };
}

function isRows(given: unknown): given is Iterable<unknown> {
  if (typeof given !== 'object' || given === null || given instanceof Uint8Array) return false;
  return !Array.isArray(given) && Symbol.iterator in given;
}

/** Rows whose iterations are measured. One that is neither ended nor left stays open. */
class MeasuredRows implements Iterable<unknown> {
  readonly #rows: Iterable<unknown>;
  readonly #meter: StoreMeter;
  readonly #name: MeasuredCall;

  constructor(rows: Iterable<unknown>, meter: StoreMeter, name: MeasuredCall) {
    this.#rows = rows;
    this.#meter = meter;
    this.#name = name;
  }

  [Symbol.iterator](): Iterator<unknown> {
    const rows = this.#rows[Symbol.iterator]();
    const meter = this.#meter;
    const name = this.#name;
    const startMs = performance.now();
    const end = () => {
      if (!meter.open.delete(iterator)) return;
      meter.onIteration(name, (performance.now() - startMs) * NS_PER_MS);
    };
    const iterator: Iterator<unknown> = {
      next: () => {
        const row = rows.next();
        if (row.done === true) end();
        return row;
      },
      return: (value) => {
        end();
        return rows.return?.(value) ?? { done: true, value };
      },
    };
    meter.open.set(iterator, Date.now());
    return iterator;
  }
}

import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { ProcessorMaker } from '../../topology/node-definitions.ts';
import { type Callback, caller, settled } from '../callbacks.ts';
import { ForwardingProcessor } from './forwarding-processor.ts';

// biome-ignore lint/suspicious/noExplicitAny: the DSL's types have checked what comes here.
type AnyCallback = Callback<any, any, any>;
type Pair = readonly [key: unknown, value: unknown];
type Call<R> = (value: unknown, key: unknown, timestamp: number, headers: RecordHeaders) => R;

class Filter extends ForwardingProcessor {
  readonly #test: Call<unknown>;
  readonly #keeps: boolean;

  constructor(predicate: AnyCallback, keeps: boolean) {
    super();
    this.#test = caller(predicate);
    this.#keeps = keeps;
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const test = this.#test;
    const passes = settled(test(value, key, timestamp, headers), this.context.node);
    if (Boolean(passes) === this.#keeps) this.context.forward(key, value, timestamp, headers);
  }
}

class MapValues extends ForwardingProcessor {
  readonly #map: Call<unknown>;

  constructor(mapper: AnyCallback) {
    super();
    this.#map = caller(mapper);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const map = this.#map;
    const mapped = settled(map(value, key, timestamp, headers), this.context.node);
    this.context.forward(key, mapped, timestamp, headers);
  }
}

class MapPairs extends ForwardingProcessor {
  readonly #map: Call<Pair>;

  constructor(mapper: AnyCallback) {
    super();
    this.#map = caller(mapper);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const map = this.#map;
    const pair = settled(map(value, key, timestamp, headers), this.context.node);
    this.context.forward(pair[0], pair[1], timestamp, headers);
  }
}

class SelectKey extends ForwardingProcessor {
  readonly #select: Call<unknown>;

  constructor(selector: AnyCallback) {
    super();
    this.#select = caller(selector);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const select = this.#select;
    const newKey = settled(select(value, key, timestamp, headers), this.context.node);
    this.context.forward(newKey, value, timestamp, headers);
  }
}

class FlatMap extends ForwardingProcessor {
  readonly #map: Call<Iterable<Pair>>;

  constructor(mapper: AnyCallback) {
    super();
    this.#map = caller(mapper);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const map = this.#map;
    const pairs = settled(map(value, key, timestamp, headers), this.context.node);
    for (const [newKey, newValue] of pairs) {
      this.context.forward(newKey, newValue, timestamp, headers);
    }
  }
}

class FlatMapValues extends ForwardingProcessor {
  readonly #map: Call<Iterable<unknown>>;

  constructor(mapper: AnyCallback) {
    super();
    this.#map = caller(mapper);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const map = this.#map;
    for (const newValue of settled(map(value, key, timestamp, headers), this.context.node)) {
      this.context.forward(key, newValue, timestamp, headers);
    }
  }
}

class Peek extends ForwardingProcessor {
  readonly #look: Call<unknown>;
  readonly #isLast: boolean;

  constructor(action: AnyCallback, isLast: boolean) {
    super();
    this.#look = caller(action);
    this.#isLast = isLast;
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const look = this.#look;
    settled(look(value, key, timestamp, headers), this.context.node);
    if (!this.#isLast) this.context.forward(key, value, timestamp, headers);
  }
}

class PassThrough extends ForwardingProcessor {
  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    this.context.forward(key, value, timestamp, headers);
  }
}

class Branch extends ForwardingProcessor {
  readonly #tests: readonly Call<unknown>[];
  readonly #children: readonly string[];

  constructor(predicates: readonly AnyCallback[], children: readonly string[]) {
    super();
    this.#tests = predicates.map((predicate) => caller(predicate));
    this.#children = children;
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    let branch = 0;
    for (const test of this.#tests) {
      if (settled(test(value, key, timestamp, headers), this.context.node)) break;
      branch++;
    }
    const child = this.#children[branch];
    if (child !== undefined) this.context.forwardTo(child, key, value, timestamp, headers);
  }
}

/** The processors of the operators that keep no state. */
export const stateless = {
  filter: (predicate: AnyCallback, keeps: boolean): ProcessorMaker => {
    return { make: () => new Filter(predicate, keeps) };
  },
  mapValues: (mapper: AnyCallback): ProcessorMaker => ({ make: () => new MapValues(mapper) }),
  map: (mapper: AnyCallback): ProcessorMaker => ({ make: () => new MapPairs(mapper) }),
  selectKey: (selector: AnyCallback): ProcessorMaker => ({ make: () => new SelectKey(selector) }),
  flatMap: (mapper: AnyCallback): ProcessorMaker => ({ make: () => new FlatMap(mapper) }),
  flatMapValues: (mapper: AnyCallback): ProcessorMaker => {
    return { make: () => new FlatMapValues(mapper) };
  },
  peek: (action: AnyCallback): ProcessorMaker => ({ make: () => new Peek(action, false) }),
  forEach: (action: AnyCallback): ProcessorMaker => ({ make: () => new Peek(action, true) }),
  passThrough: (): ProcessorMaker => ({ make: () => new PassThrough() }),
  /**
   * Predicates and names of children are read when the first task is made, so they may still grow.
   */
  branch: (predicates: readonly AnyCallback[], children: readonly string[]): ProcessorMaker => {
    return { make: () => new Branch(predicates, children) };
  },
} as const;

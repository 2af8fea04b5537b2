/** Random cases for the judge: a topology of a few operators, and records to run through it. */

const KEYS = ['a', 'b', 'c', 'dd'];
const WORDS = ['apple', 'bee', 'cat', 'dodo', 'm', 'zz', 'x1'];

/** Numbers from a seed, the same in each run. */
export class Dice {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** From 0 to below 1. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit) {
    return Math.floor(this.next() * limit);
  }

  chance(share) {
    return this.next() < share;
  }

  pick(list) {
    return list[this.below(list.length)];
  }
}

/** What stands at a point of a topology: of which kind, and what its keys and values are. */
class Builder {
  steps = [];
  nodes = [];
  topics = new Set();
  #dice;
  #count = 0;

  constructor(dice) {
    this.#dice = dice;
  }

  add(step, kind, key, value) {
    const id = `n${this.#count++}`;
    this.steps.push({ id, ...step });
    const node = { id, kind, key, value, isUsed: false };
    if (kind !== null) this.nodes.push(node);
    if (step.of !== undefined) this.use(step.of);
    if (step.with !== undefined) this.use(step.with);
    return node;
  }

  /** A split has two results. */
  addSplit(step, key, value) {
    const id = `n${this.#count++}`;
    this.steps.push({ id, ...step });
    this.use(step.of);
    for (const end of ['a', 'b']) {
      this.nodes.push({ id: id + end, kind: 'stream', key, value, isUsed: false });
    }
  }

  use(id) {
    const node = this.nodes.find((each) => each.id === id);
    if (node !== undefined) node.isUsed = true;
  }

  source(op) {
    const topic = `in-${this.topics.size}`;
    this.topics.add(topic);
    const kind = { stream: 'stream', table: 'table', globalTable: 'global' }[op];
    const store = op !== 'stream' && this.#dice.chance(0.5) ? { store: `store-${topic}` } : {};
    return this.add({ op, topic, ...store }, kind, 'text', 'text');
  }

  of(kind, test = () => true) {
    return this.nodes.filter((node) => node.kind === kind && test(node));
  }
}

const PREDICATES = ['evenLength', 'evenKey', 'lastBelowM', 'never'];
const VALUES = ['upper', 'append', 'withKey', 'nullIfEven'];
const isText = (node) => node.key === 'text';

/** Each tries to add one operator; false where nothing fits. */
const MOVES = {
  stateless(built, dice) {
    const of = dice.pick(built.of('stream'));
    if (of === undefined) return false;
    const op = dice.pick([
      'filter',
      'filterNot',
      'mapValues',
      'selectKey',
      'peek',
      'flatMapValues',
    ]);
    const { id, key, value } = of;
    switch (op) {
      case 'mapValues':
        built.add({ op, of: id, by: dice.pick(VALUES) }, 'stream', key, 'text');
        return true;
      case 'selectKey': {
        const by = dice.pick(['firstOfValue', 'keyText', 'firstOfKey', 'nullIfEven']);
        built.add({ op, of: id, by }, 'stream', 'text', value);
        return true;
      }
      case 'flatMapValues': {
        const by = dice.pick(['twice', 'letters', 'none']);
        built.add({ op, of: id, by }, 'stream', key, 'text');
        return true;
      }
      default:
        built.add({ op, of: id, by: dice.pick(PREDICATES) }, 'stream', key, value);
        return true;
    }
  },

  pairs(built, dice) {
    const of = dice.pick(built.of('stream'));
    if (of === undefined) return false;
    const op = dice.pick(['map', 'flatMap']);
    const by = op === 'map' ? dice.pick(['firstOfValue', 'keyText']) : 'twice';
    built.add({ op, of: of.id, by }, 'stream', 'text', 'text');
    return true;
  },

  merge(built, dice) {
    const of = dice.pick(built.of('stream'));
    const alike = built.of('stream', (n) => n !== of && n.key === of?.key && n.value === of.value);
    if (of === undefined || alike.length === 0) return false;
    built.add({ op: 'merge', of: of.id, with: dice.pick(alike).id }, 'stream', of.key, of.value);
    return true;
  },

  split(built, dice) {
    const of = dice.pick(built.of('stream'));
    if (of === undefined) return false;
    built.addSplit({ op: 'split', of: of.id, by: dice.pick(PREDICATES) }, of.key, of.value);
    return true;
  },

  repartition(built, dice) {
    const of = dice.pick(built.of('stream', isText));
    if (of === undefined) return false;
    const named = dice.chance(0.5) ? { as: `again-${built.steps.length}` } : {};
    built.add({ op: 'repartition', of: of.id, ...named }, 'stream', of.key, of.value);
    return true;
  },

  toTable(built, dice) {
    const of = dice.pick(built.of('stream', isText));
    if (of === undefined) return false;
    built.add({ op: 'toTable', of: of.id, ...storeOf(built, dice) }, 'table', of.key, of.value);
    return true;
  },

  aggregate(built, dice) {
    const group = groupOf(built, dice);
    if (group === null) return false;
    aggregateOf(built, dice, group, storeOf(built, dice));
    return true;
  },

  windows(built, dice) {
    const group = groupOf(built, dice);
    if (group === null) return false;
    const op = dice.pick(['tumbling', 'hopping', 'session', 'sliding']);
    const sizeMs = dice.pick([10, 50, 100]);
    const graceMs = dice.pick([0, 20, 100, 10_000]);
    const emit = dice.chance(0.2) ? { emit: 'close' } : {};
    const advance = op === 'hopping' ? { advanceMs: sizeMs / dice.pick([1, 2, 5]) } : {};
    const key = op === 'session' ? 'session' : `window:${sizeMs}`;
    const step = { op, of: group.id, sizeMs, graceMs, ...advance, ...emit };
    const windowed = built.add(step, 'windows', key, group.value);
    let kept = op === 'session' ? whileOpen(sizeMs, graceMs) : {};
    // Else Kafka loses results when the time leaps.
    if (emit.emit !== undefined) kept = { retentionMs: 10_000_000 };
    // Kafka's stores on disk give sessions that end together by their starts, as ours do.
    if (emit.emit !== undefined && op === 'session') kept.onDisk = true;
    const table = aggregateOf(built, dice, windowed, { ...storeOf(built, dice), ...kept });
    if (emit.emit === undefined && dice.chance(0.3)) {
      const { id, value } = table;
      built.add({ op: 'suppress', of: id, untilClose: true }, 'table', key, value);
    }
    return true;
  },

  onTable(built, dice) {
    const of = dice.pick(built.of('table'));
    if (of === undefined) return false;
    const op = dice.pick(['filter', 'filterNot', 'mapValues', 'toStream', 'toStream']);
    const by = op === 'mapValues' ? dice.pick(VALUES) : dice.pick(PREDICATES);
    const kind = op === 'toStream' ? 'stream' : 'table';
    const store = op === 'toStream' || !isText(of) ? {} : storeOf(built, dice);
    const value = op === 'mapValues' ? 'text' : of.value;
    built.add({ op, of: of.id, by, ...store }, kind, of.key, value);
    return true;
  },

  limit(built, dice) {
    const of = dice.pick(built.of('table', isText));
    if (of === undefined) return false;
    const limit = { limitMs: dice.pick([10, 100]), maxRecords: dice.pick([2, 1_000]) };
    built.add({ op: 'suppress', of: of.id, ...limit }, 'table', of.key, of.value);
    return true;
  },

  tableGroup(built, dice) {
    const of = dice.pick(built.of('table', isText));
    if (of === undefined) return false;
    const by = dice.pick(['firstOfValue', 'keyText', 'firstOfKey']);
    const group = built.add({ op: 'groupBy', of: of.id, by }, 'groupedTable', 'text', of.value);
    aggregateOf(built, dice, group, storeOf(built, dice));
    return true;
  },

  versionedTable(built, dice) {
    if (built.topics.size > 4) return false;
    const topic = `in-${built.topics.size}`;
    built.topics.add(topic);
    const historyMs = dice.pick([50, 200, 100_000]);
    const step = { op: 'table', topic, store: `store-${topic}`, historyMs };
    built.add(step, 'table', 'text', 'text').historyMs = historyMs;
    return true;
  },

  cogroup(built, dice) {
    const first = groupOf(built, dice);
    const second = groupOf(built, dice);
    if (first === null || second === null || first.key !== second.key) return false;
    const sizeMs = dice.pick([10, 50, 100]);
    const graceMs = dice.pick([0, 20, 10_000]);
    const [windows, key] = dice.pick([
      [{}, first.key],
      [{}, first.key],
      [{ sizeMs, graceMs }, `window:${sizeMs}`],
      [{ sizeMs, graceMs, isSliding: true }, `window:${sizeMs}`],
      [{ sizeMs, graceMs, isSession: true, ...whileOpen(sizeMs, graceMs) }, 'session'],
    ]);
    const step = { op: 'cogroup', of: first.id, with: second.id, ...windows };
    built.add({ ...step, ...storeOf(built, dice) }, 'table', key, 'text');
    return true;
  },

  transformTable(built, dice) {
    const of = dice.pick(built.of('table', isText));
    if (of === undefined) return false;
    const by = dice.pick(VALUES);
    const step = { op: 'transformValues', of: of.id, by, ...storeOf(built, dice) };
    built.add(step, 'table', of.key, 'text');
    return true;
  },

  joinTable(built, dice) {
    const of = dice.pick(built.of('stream', isText));
    const table = dice.pick(built.of('table', isText));
    if (of === undefined || table === undefined) return false;
    const op = dice.pick(['join', 'leftJoin']);
    // In Kafka a left join with a grace fails at the first record without a key.
    const mayWait = table.historyMs !== undefined && op === 'join';
    const grace = mayWait ? { graceMs: dice.pick([0, 20, 50]) } : {};
    built.add({ op, of: of.id, with: table.id, ...grace }, 'stream', 'text', 'text');
    return true;
  },

  joinGlobal(built, dice) {
    const of = dice.pick(built.of('stream'));
    const table = dice.pick(built.of('global'));
    if (of === undefined || table === undefined) return false;
    const op = dice.pick(['join', 'leftJoin']);
    const by = dice.pick(['firstOfValue', 'keyText', 'nullIfEven']);
    built.add({ op, of: of.id, with: table.id, by }, 'stream', of.key, 'text');
    return true;
  },

  joinStream(built, dice) {
    const of = dice.pick(built.of('stream', isText));
    const other = dice.pick(built.of('stream', isText));
    if (of === undefined || other === undefined) return false;
    const op = dice.pick(['join', 'leftJoin', 'outerJoin']);
    const times = {
      beforeMs: dice.pick([0, 10, 100]),
      afterMs: dice.pick([0, 10, 100]),
      graceMs: dice.pick([0, 50, 10_000]),
    };
    if (times.beforeMs + times.afterMs === 0) times.beforeMs = 20;
    built.add({ op, of: of.id, with: other.id, ...times }, 'stream', 'text', 'text');
    return true;
  },

  joinTables(built, dice) {
    const of = dice.pick(built.of('table', isText));
    const others = built.of('table', (node) => isText(node) && node !== of);
    if (of === undefined || others.length === 0) return false;
    const op = dice.pick(['join', 'leftJoin', 'outerJoin']);
    const step = { op, of: of.id, with: dice.pick(others).id, ...storeOf(built, dice) };
    built.add(step, 'table', 'text', 'text');
    return true;
  },

  joinForeign(built, dice) {
    const of = dice.pick(built.of('table', isText));
    const others = built.of('table', (node) => isText(node) && node !== of);
    if (of === undefined || others.length === 0) return false;
    const op = dice.pick(['joinForeign', 'leftJoinForeign']);
    const by = dice.pick(['firstOfValue', 'keyText']);
    const step = { op, of: of.id, with: dice.pick(others).id, by, ...storeOf(built, dice) };
    built.add(step, 'table', 'text', 'text');
    return true;
  },
};

/** Every kind of operator that cases are made of. */
export const MOVE_NAMES = Object.keys(MOVES);

function storeOf(built, dice) {
  return dice.chance(0.5) ? { store: `store-${built.steps.length}` } : {};
}

function groupOf(built, dice) {
  const isByKey = dice.chance(0.5);
  const of = dice.pick(built.of('stream', (node) => !isByKey || isText(node)));
  if (of === undefined) return null;
  const named = dice.chance(0.4) ? { as: `group-${built.steps.length}` } : {};
  if (isByKey) {
    return built.add({ op: 'groupByKey', of: of.id, ...named }, 'group', 'text', of.value);
  }
  const by = dice.pick(['firstOfValue', 'firstOfKey', 'keyText', 'nullIfEven']);
  return built.add({ op: 'groupBy', of: of.id, by, ...named }, 'group', 'text', of.value);
}

/** Kafka's own retention of sessions ends a millisecond before they close. */
function whileOpen(sizeMs, graceMs) {
  return { retentionMs: sizeMs + graceMs + 1 };
}

function aggregateOf(built, dice, of, store) {
  const ops = of.value === 'text' ? ['count', 'aggregate', 'reduce'] : ['count', 'aggregate'];
  const op = dice.pick(ops);
  const value = op === 'count' ? 'long' : 'text';
  return built.add({ op, of: of.id, ...store }, 'table', of.key, value);
}

/** Everything that nobody reads goes to a topic. */
function addSinks(built) {
  for (const table of built.of('table', (node) => !node.isUsed)) {
    built.add({ op: 'toStream', of: table.id }, 'stream', table.key, table.value);
  }
  for (const [i, stream] of built.of('stream', (node) => !node.isUsed).entries()) {
    built.add({ op: 'to', of: stream.id, topic: `out-${i}` }, null);
  }
}

/** Java's record cache shows windows that the store below has let go; so it is tried on long ones. */
function isLong({ graceMs }) {
  return graceMs === undefined || graceMs >= 10_000;
}

function inputOf(dice, topics, count, jumps) {
  let time = 1_000;
  return Array.from({ length: count }, () => {
    if (dice.chance(0.04)) return { advanceMs: dice.pick([1, 50, 5_000]) };
    time += dice.pick([0, 0, 1, 5, 10, 10, 30, 100]);
    if (dice.chance(jumps)) time += 1_000_000;
    const late = dice.chance(0.2) ? dice.below(150) : 0;
    const event = {
      topic: dice.pick(topics),
      k: dice.chance(0.05) ? null : dice.pick(KEYS),
      v: dice.chance(0.1) ? null : dice.pick(WORDS),
      t: Math.max(time - late, 0),
    };
    return dice.chance(0.1) ? { ...event, h: [['h', `${event.t}`]] } : event;
  });
}

/** One case of this seed, of these kinds of operators. */
export function generateCase(seed, moves = MOVE_NAMES) {
  const dice = new Dice(seed);
  const built = new Builder(dice);
  built.source(dice.pick(['stream', 'stream', 'table']));
  for (let more = dice.below(3); more > 0; more--) {
    built.source(dice.pick(['stream', 'table', 'globalTable']));
  }
  for (let left = 1 + dice.below(8); left > 0; left--) MOVES[dice.pick(moves)](built, dice);
  addSinks(built);
  const config = dice.chance(0.3) ? { 'topology.optimization': 'all' } : {};
  const isCached = dice.chance(0.4) && built.steps.every(isLong);
  if (isCached) config['statestore.cache.max.bytes'] = '10485760';
  return {
    seed,
    config: { 'dsl.store.suppliers.class': IN_MEMORY, ...config },
    steps: built.steps,
    input: inputOf(dice, [...built.topics], 10 + dice.below(40), isCached ? 0 : 0.01),
  };
}

const IN_MEMORY =
  'org.apache.kafka.streams.state.BuiltInDslStoreSuppliers$InMemoryDslStoreSuppliers';

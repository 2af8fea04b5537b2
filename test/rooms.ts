/**
 * The rooms of src/ and what each may import besides itself. Arrows point one way; whoever changes
 * this table changes the architecture.
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  records: ['base'],
  protocol: ['base'],
  ring: ['base'],
  log: ['base', 'records'],
  metadata: ['base'],
  security: ['base', 'metadata'],
  exchange: ['base', 'ring'],
  replication: ['base'],
  partition: ['base', 'records', 'log', 'replication'],
  coordination: ['base', 'records', 'metadata', 'protocol'],
  worker: [
    'base',
    'records',
    'protocol',
    'ring',
    'log',
    'metadata',
    'exchange',
    'partition',
    'replication',
    'coordination',
  ],
  front: ['base', 'ring', 'records', 'protocol', 'metadata', 'security', 'exchange', 'log'],
  gateway: ['base', 'records', 'protocol', 'metadata', 'log', 'front'],
  broker: [
    'base',
    'records',
    'protocol',
    'ring',
    'log',
    'metadata',
    'security',
    'exchange',
    'partition',
    'coordination',
    'worker',
    'front',
    'gateway',
    'cluster',
  ],
  client: ['base', 'records', 'protocol'],
  cluster: ['base', 'records', 'protocol', 'metadata', 'client'],
  streams: ['base', 'records', 'client'],
  websocket: ['records'],
  cli: ['base', 'records', 'log', 'security', 'broker', 'client', 'protocol'],
};

/**
 * Folders of a room and what each may import of its siblings. The files that lie directly in the
 * room belong to all of its folders: they import any and are imported by any.
 */
export const INNER_ROOMS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  front: {
    net: [],
    metrics: [],
    partitions: [],
    fetch: ['net', 'metrics', 'partitions'],
    groups: ['partitions'],
    transactions: ['groups', 'partitions'],
    requests: ['net', 'metrics', 'partitions', 'fetch', 'groups', 'transactions'],
    handlers: ['net', 'partitions', 'fetch', 'groups', 'transactions', 'requests'],
  },
  'coordination/group': {
    regex: [],
    classic: [],
    consumer: ['classic', 'regex'],
    streams: [],
    migration: ['classic', 'consumer', 'streams'],
    members: ['classic', 'consumer', 'migration', 'streams'],
    offsets: ['classic', 'consumer', 'streams'],
  },
  client: {
    admin: ['config', 'errors', 'metadata', 'metrics', 'net'],
    diagnostics: ['errors'],
    opentelemetry: ['diagnostics', 'errors'],
    errors: [],
    config: ['errors', 'net'],
    net: ['config', 'errors'],
    metrics: ['diagnostics', 'errors', 'net'],
    metadata: ['config', 'errors', 'metrics', 'net', 'telemetry'],
    telemetry: ['errors', 'metrics', 'net'],
    consumer: ['config', 'diagnostics', 'errors', 'metadata', 'metrics', 'net', 'serde'],
    producer: ['config', 'diagnostics', 'errors', 'metadata', 'metrics', 'net', 'serde'],
    serde: ['errors'],
    kafkajs: ['config', 'consumer', 'errors', 'metadata', 'net', 'producer', 'serde'],
    share: ['config', 'consumer', 'errors', 'metadata', 'metrics', 'net', 'serde'],
    streams: ['consumer', 'errors', 'producer', 'serde'],
  },
  streams: {
    topology: [],
    metrics: [],
    serde: ['topology'],
    state: ['topology', 'serde'],
    dsl: ['topology', 'serde'],
    tasks: ['topology', 'serde', 'state', 'metrics'],
    assign: ['topology'],
    testing: ['topology', 'serde', 'dsl', 'state', 'tasks'],
    queries: ['topology', 'tasks'],
    runtime: ['topology', 'serde', 'state', 'tasks', 'assign', 'metrics', 'queries'],
  },
  cluster: {
    quorum: [],
    membership: ['quorum'],
    forwarding: ['quorum', 'membership'],
    peers: [],
    replicas: [],
    grow: ['quorum', 'membership'],
    image: ['quorum'],
    channel: ['quorum', 'membership'],
  },
  gateway: {
    command: [],
    engine: [],
    access: ['engine'],
    stream: ['command'],
    produce: ['command'],
    group: ['command', 'stream'],
    metrics: ['access', 'engine', 'stream'],
    http: ['access', 'command', 'engine', 'produce', 'stream'],
    socket: ['access', 'command', 'engine', 'group', 'produce', 'stream'],
  },
};

/** The front reads logs; it never writes one. */
export const FRONT_LOG_FILES: readonly string[] = ['log-reader.ts', 'map-faults.ts', 'outcome.ts'];

/** Browsers have neither Buffer nor Node: of the records they get what needs neither. */
export const WEBSOCKET_RECORDS_FILES: readonly string[] = [
  'batch-layout.ts',
  'key-partitioner.ts',
  'lz4-decoder.ts',
  'snappy-decoder.ts',
  'zstd-decoder.ts',
];

import type { Acl, AclFilter, AclOperation, AclResourceType } from '../../client/admin/acl.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { UsageError } from '../usage-error.ts';

/** One resource of a command, or all that a pattern finds. */
export interface ResourceChoice {
  readonly resourceType: AclResourceType;
  readonly resourceName: string;
  readonly patternType: AclFilter['patternType'] | 'any';
}

/** Who may or may not do what, on a resource that is told elsewhere. */
export type AclEntry = Pick<Acl, 'principal' | 'host' | 'operation' | 'permission'>;

const CLUSTER_NAME = 'kafka-cluster';
const EVERYWHERE = '*';
const PATTERN_TYPES = ['literal', 'prefixed', 'any', 'match'] as const;

/** What each type of resource can be asked for, as in Kafka's documentation. */
const OPERATIONS: Readonly<Record<AclResourceType, readonly AclOperation[]>> = {
  topic: [
    ...(['read', 'write', 'create', 'describe', 'delete', 'alter'] as const),
    ...(['describe-configs', 'alter-configs'] as const),
  ],
  group: ['read', 'describe', 'delete', 'describe-configs', 'alter-configs'],
  cluster: [
    ...(['create', 'cluster-action', 'describe-configs', 'alter-configs'] as const),
    ...(['idempotent-write', 'alter', 'describe'] as const),
  ],
  'transactional-id': ['describe', 'write', 'two-phase-commit'],
  'delegation-token': ['describe'],
  user: ['create-tokens', 'describe-tokens'],
};

/** The resources that the options name. */
export function resourcesOf(given: CommandArguments): ResourceChoice[] {
  const patternType = patternTypeOf(given);
  const named = (option: string, resourceType: AclResourceType): ResourceChoice[] =>
    given.texts(option).map((name) => ({ resourceType, resourceName: name.trim(), patternType }));
  const isCluster = given.has('cluster') || given.has('idempotent');
  return [
    ...named('topic', 'topic'),
    ...(isCluster && patternType === 'literal' ? [CLUSTER] : []),
    ...named('group', 'group'),
    ...named('transactional-id', 'transactional-id'),
    ...named('delegation-token', 'delegation-token'),
    ...named('user-principal', 'user'),
  ];
}

const CLUSTER: ResourceChoice = {
  resourceType: 'cluster',
  resourceName: CLUSTER_NAME,
  patternType: 'literal',
};

function patternTypeOf(given: CommandArguments): ResourceChoice['patternType'] {
  const text = given.text('resource-pattern-type') ?? 'literal';
  const found = PATTERN_TYPES.find((each) => each === text.trim().toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError(`--resource-pattern-type ${text}: one of ${PATTERN_TYPES.join(', ')}`);
}

/** The rules that the options tell, by resource. A resource may have none: then all are meant. */
export function entriesOf(given: CommandArguments): Map<ResourceChoice, AclEntry[]> {
  const resources = resourcesOf(given);
  if (resources.length === 0) {
    throw new UsageError(
      'name a resource: --topic, --group, --cluster, --transactional-id, --delegation-token or ' +
        '--user-principal',
    );
  }
  const isProducer = given.has('producer');
  const isConsumer = given.has('consumer');
  const found = new Map<ResourceChoice, AclEntry[]>();
  for (const resource of resources) {
    const operations = new Set<AclOperation>();
    if (!isProducer && !isConsumer) for (const each of operationsOf(given)) operations.add(each);
    if (isProducer) for (const each of PRODUCER[resource.resourceType] ?? []) operations.add(each);
    if (isConsumer) for (const each of CONSUMER[resource.resourceType] ?? []) operations.add(each);
    if (operations.size === 0) continue;
    checkOperations(resource.resourceType, operations);
    found.set(resource, entriesFor(given, operations));
  }
  return found;
}

type Rights = Partial<Record<AclResourceType, readonly AclOperation[]>>;

const PRODUCER: Rights = {
  topic: ['write', 'describe', 'create'],
  'transactional-id': ['write', 'describe'],
  cluster: ['idempotent-write'],
};
const CONSUMER: Rights = { topic: ['read', 'describe'], group: ['read'] };

function operationsOf(given: CommandArguments): AclOperation[] {
  const texts = given.texts('operation');
  if (texts.length === 0) return ['all'];
  return texts.map((text) => {
    const name = text
      .trim()
      .replace(/(?<=[a-z])(?=[A-Z])/g, '-')
      .replaceAll('_', '-')
      .toLowerCase();
    const known = ['all', ...Object.values(OPERATIONS).flat()];
    if (known.includes(name)) return name as AclOperation;
    throw new UsageError(`--operation ${text}: one of ${[...new Set(known)].join(', ')}`);
  });
}

function checkOperations(type: AclResourceType, operations: ReadonlySet<AclOperation>): void {
  const valid = ['all', ...OPERATIONS[type]];
  const wrong = [...operations].find((operation) => !valid.includes(operation));
  if (wrong === undefined) return;
  throw new UsageError(`--operation ${wrong}: a ${type} knows only ${valid.join(', ')}`);
}

function entriesFor(given: CommandArguments, operations: ReadonlySet<AclOperation>): AclEntry[] {
  const entries: AclEntry[] = [];
  for (const permission of ['allow', 'deny'] as const) {
    const hosts = given.texts(`${permission}-host`);
    for (const principal of given.texts(`${permission}-principal`)) {
      for (const operation of operations) {
        for (const host of hosts.length === 0 ? [EVERYWHERE] : hosts) {
          entries.push({ principal: principalOf(principal), host, operation, permission });
        }
      }
    }
  }
  return entries;
}

function principalOf(text: string): string {
  const principal = text.trim();
  if (/^[^:]+:.+$/.test(principal)) return principal;
  throw new UsageError(`${principal} is no principal: write User:${principal}`);
}

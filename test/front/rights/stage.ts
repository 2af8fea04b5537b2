import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { API, type ApiKey } from '../../../src/protocol/api-keys.ts';
import { WireClient } from '../../support/wire-client.ts';
import type { Fresh } from './asked.ts';
import { GRANTS, PREFIX, rulesOf, userOf, VARIED } from './grants.ts';
import { HELD, streamsJoin } from './topic-requests.ts';

const PASSWORD = 'secret';
const ROOT = 'root';
export const THERE = `${PREFIX}-there`;
const FREE = 'free';
const LONG_MS = 600_000;
/** Coordinators that load, transactions that end. */
const PASSING = new Set([14, 15, 16, 51]);
const TRIES = 200;
const CELL_TRIES = 10;
const PAUSE_MS = 50;

const JAAS = 'org.apache.kafka.common.security.plain.PlainLoginModule';
const users = [ROOT, ...VARIED.flatMap((varied) => GRANTS.map((grant) => userOf(varied, grant)))];
const credentials = users.map((name) => `user_${name}="${PASSWORD}"`).join(' ');

/** Of both brokers, beside their listeners PLAINTEXT, of the administrator, and SASL_PLAINTEXT. */
export const STAGE_CONFIG = {
  'sasl.enabled.mechanisms': 'PLAIN',
  'listener.name.sasl_plaintext.plain.sasl.jaas.config': `${JAAS} required ${credentials};`,
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': `User:ANONYMOUS;User:${ROOT}`,
  'delegation.token.secret.key': 'of the tests',
  'group.initial.rebalance.delay.ms': '0',
  'group.consumer.max.session.timeout.ms': `${LONG_MS}`,
  'group.consumer.session.timeout.ms': `${LONG_MS}`,
  'group.streams.initial.rebalance.delay.ms': '0',
  'group.streams.max.session.timeout.ms': `${LONG_MS}`,
  'group.streams.session.timeout.ms': `${LONG_MS}`,
  'offsets.topic.num.partitions': '1',
  'transaction.state.log.num.partitions': '1',
  'num.partitions': '1',
};

/** A broker with everything that the cells ask about, and its administrator. */
export class Stage implements AsyncDisposable {
  readonly #admin: WireClient;
  readonly #saslPort: number;
  topicId = '';
  hmac = Buffer.alloc(0);

  private constructor(admin: WireClient, saslPort: number) {
    this.#admin = admin;
    this.#saslPort = saslPort;
  }

  static async open(port: number, saslPort: number): Promise<Stage> {
    const stage = new Stage(await WireClient.open(port), saslPort);
    await stage.#makeTopics();
    await stage.#makeGroups();
    await stage.#makeTransactions();
    await stage.#makeToken();
    await stage.#makeRules();
    return stage;
  }

  /** A connection of a user, authenticated. */
  async login(user: string): Promise<WireClient> {
    const client = await WireClient.open(this.#saslPort);
    await client.ask(API.SASL_HANDSHAKE, 1, { mechanism: 'PLAIN' });
    const authBytes = Buffer.from(`\0${user}\0${PASSWORD}`);
    const { errorCode } = await client.ask(API.SASL_AUTHENTICATE, 2, { authBytes });
    if (errorCode !== 0) throw new Error(`${user} cannot log in: error ${errorCode}`);
    return client;
  }

  /** Makes what a cell takes away; answers the id of a topic. */
  async make(fresh: Fresh, name: string): Promise<string> {
    if (fresh === 'topic') return this.#makeTopic(name, 1);
    await this.#commit(name, FREE);
    return '';
  }

  async remove(fresh: Fresh, name: string): Promise<void> {
    const request = { topicNames: [name], timeoutMs: 10_000 };
    if (fresh === 'topic') await this.#admin.ask(API.DELETE_TOPICS, 5, request);
  }

  async #makeTopic(name: string, numPartitions: number): Promise<string> {
    const topic = { name, numPartitions, replicationFactor: 1, assignments: [], configs: [] };
    const request = { topics: [topic], timeoutMs: 10_000, validateOnly: false };
    const { topics } = (await this.#do(API.CREATE_TOPICS, 7, request)) as CreatedTopics;
    await this.#do(API.METADATA, 9, { topics: [{ name }], allowAutoTopicCreation: false }, [3, 5]);
    return topics[0]!.topicId;
  }

  async #makeTopics(): Promise<void> {
    await this.#makeTopic(FREE, 1);
    this.topicId = await this.#makeTopic(THERE, 2);
    await this.#admin.produce(THERE, 1, [{ value: Buffer.from('v'), timestamp: Date.now() }]);
  }

  async #makeGroups(): Promise<void> {
    await this.#do(API.FIND_COORDINATOR, 4, { keyType: 0, coordinatorKeys: [HELD.group] });
    await this.#commit(THERE, FREE);
    await this.#joinClassic();
    const heartbeat = {
      groupId: HELD.group,
      memberId: randomUUID(),
      memberEpoch: 0,
      rebalanceTimeoutMs: LONG_MS,
      subscribedTopicNames: [THERE],
      topicPartitions: [],
    };
    await this.#do(API.CONSUMER_GROUP_HEARTBEAT, 1, heartbeat);
    await this.#do(API.STREAMS_GROUP_HEARTBEAT, 0, streamsJoin(HELD.streams, THERE));
  }

  /** A member of the classic protocol, with offsets for both topics. */
  async #joinClassic(): Promise<void> {
    const groupId = HELD.classic;
    const joined = (await this.#do(API.JOIN_GROUP, 3, {
      groupId,
      sessionTimeoutMs: LONG_MS,
      rebalanceTimeoutMs: LONG_MS,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscriptionTo(THERE) }],
    })) as { memberId: string; generationId: number };
    const { memberId, generationId } = joined;
    const assignments = [{ memberId, assignment: Buffer.alloc(0) }];
    await this.#do(API.SYNC_GROUP, 3, { groupId, memberId, generationId, assignments });
    const partitions = [{ partitionIndex: 0, committedOffset: 0, committedMetadata: '' }];
    await this.#do(API.OFFSET_COMMIT, 8, {
      groupId,
      memberId,
      generationIdOrMemberEpoch: generationId,
      topics: [THERE, FREE].map((name) => ({ name, partitions })),
    });
  }

  async #commit(groupId: string, name: string): Promise<void> {
    const partitions = [{ partitionIndex: 0, committedOffset: 0, committedMetadata: '' }];
    const member = { memberId: '', generationIdOrMemberEpoch: -1 };
    await this.#do(API.OFFSET_COMMIT, 8, { groupId, ...member, topics: [{ name, partitions }] });
  }

  async #makeTransactions(): Promise<void> {
    await this.#do(API.FIND_COORDINATOR, 4, { keyType: 1, coordinatorKeys: [THERE] });
    const request = { transactionTimeoutMs: LONG_MS };
    await this.#do(API.INIT_PRODUCER_ID, 4, { transactionalId: THERE, ...request });
    const producer = (await this.#do(API.INIT_PRODUCER_ID, 4, {
      transactionalId: HELD.transaction,
      ...request,
    })) as { producerId: number; producerEpoch: number };
    await this.#do(API.ADD_PARTITIONS_TO_TXN, 3, {
      v3AndBelowTransactionalId: HELD.transaction,
      v3AndBelowProducerId: producer.producerId,
      v3AndBelowProducerEpoch: producer.producerEpoch,
      v3AndBelowTopics: [{ name: THERE, partitions: [0] }],
    });
  }

  async #makeToken(): Promise<void> {
    const root = await this.login(ROOT);
    const answer = await root.ask(API.CREATE_DELEGATION_TOKEN, 3, {
      ownerPrincipalType: 'User',
      ownerPrincipalName: THERE,
      renewers: [],
      maxLifetimeMs: 86_400_000,
    });
    if (answer.errorCode !== 0) throw new Error(`no token: error ${answer.errorCode}`);
    this.hmac = Buffer.from(answer.hmac);
    root.close();
  }

  /** All rules; then waits until the broker knows them all. */
  async #makeRules(): Promise<void> {
    const whose = VARIED.flatMap((varied) => GRANTS.map((grant) => rulesOf(varied, grant)));
    for (const creations of whose) await this.#do(API.CREATE_ACLS, 3, { creations });
    const all = {
      resourceTypeFilter: 1,
      resourceNameFilter: null,
      patternTypeFilter: 1,
      principalFilter: null,
      hostFilter: null,
      operation: 1,
      permissionType: 1,
    };
    for (let tried = 0; ; tried++) {
      const { resources } = await this.#admin.ask(API.DESCRIBE_ACLS, 3, all);
      const known = resources.reduce((count, { acls }) => count + acls.length, 0);
      if (known === whose.flat().length) return;
      if (tried === TRIES) throw new Error(`${known} rules of ${whose.flat().length}`);
      await delay(PAUSE_MS);
    }
  }

  /** Asks until nothing stands in the way that passes, and there is no error. */
  async #do(key: ApiKey, version: number, request: object, passing: readonly number[] = []) {
    const answer = await askPatiently(this.#admin, key, version, request, TRIES, passing);
    const errors = errorsOf(answer).filter((code) => code !== 0);
    if (errors.length > 0) throw new Error(`stage: api ${key} answers errors ${errors}`);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#admin.close();
  }
}

interface CreatedTopics {
  readonly topics: readonly { readonly topicId: string }[];
}

/** A consumer's subscription, version 0. */
function subscriptionTo(topic: string): Buffer {
  const name = Buffer.from(topic);
  const head = Buffer.alloc(8);
  head.writeInt32BE(1, 2);
  head.writeInt16BE(name.length, 6);
  return Buffer.concat([head, name, Buffer.from([0xff, 0xff, 0xff, 0xff])]);
}

/** Every error code of an answer, wherever it stands. */
function errorsOf(answer: unknown): number[] {
  if (Array.isArray(answer)) return answer.flatMap(errorsOf);
  if (typeof answer !== 'object' || answer === null || Buffer.isBuffer(answer)) return [];
  return Object.entries(answer).flatMap(([name, value]) => {
    return /errorcode$/i.test(name) ? [value as number] : errorsOf(value);
  });
}

/** Asks again while an answer says that it is too early. */
export async function askPatiently(
  client: WireClient,
  key: ApiKey,
  version: number,
  request: object,
  tries = CELL_TRIES,
  passing: readonly number[] = [],
): Promise<object> {
  for (let tried = 0; ; tried++) {
    const answer = (await client.ask(key, version, request as never)) as object;
    const isEarly = errorsOf(answer).some((code) => PASSING.has(code) || passing.includes(code));
    if (!isEarly || tried === tries) return answer;
    await delay(PAUSE_MS);
  }
}

import { COMMAND_ERRORS } from '../command/command-error.ts';
import { ISOLATIONS } from '../stream/isolation.ts';
import { POLICIES } from '../stream/policy.ts';
import { TEXT_FORMS } from '../stream/record-json.ts';
import type { YamlValue } from './yaml.ts';

type Schema = { readonly [name: string]: YamlValue };
type Properties = { readonly [name: string]: Schema };

const TEXT = { type: 'string' };
const COUNT = { type: 'integer', minimum: 0 };
const NUMBER = { type: 'integer' };
const FLAG = { type: 'boolean' };
const ID = { type: ['string', 'integer'], description: 'chosen by the client; comes back' };
const SUB = { type: 'integer', minimum: 1, maximum: 2 ** 32 - 1 };
const FORM = { enum: TEXT_FORMS };
const HEADERS = {
  type: 'array',
  items: { type: 'array', description: '[name, text], or [name, null, base64]' },
};

function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

function listOf(items: Schema): Schema {
  return { type: 'array', items };
}

function object(properties: Properties, required: readonly string[] = []): Schema {
  return { type: 'object', ...(required.length === 0 ? {} : { required }), properties };
}

/** `required` lists the fields that are required besides `type`. */
function message(type: string, properties: Properties, required: readonly string[] = []): Schema {
  return object({ type: { const: type }, ...properties }, ['type', ...required]);
}

function command(type: string, properties: Properties, required: readonly string[] = []): Schema {
  return message(type, { id: ID, ...properties }, required);
}

const START = {
  description: '"earliest", "latest", or an object with one of last, offset, offsets, time, …',
  oneOf: [
    { enum: ['earliest', 'latest'] },
    object({
      last: COUNT,
      offset: COUNT,
      offsets: { type: 'object', description: 'by topic, by partition' },
      time: COUNT,
      positions: listOf(ref('position')),
      token: TEXT,
    }),
  ],
};

const PLACE = { topic: TEXT, partition: COUNT };
const CREDIT = object({ records: COUNT, bytes: COUNT });
const PARTITIONS = listOf(COUNT);

/** The commands of a client, by `type`. */
export const COMMAND_MESSAGES: Properties = {
  subscribe: command('subscribe', {
    sub: SUB,
    topic: TEXT,
    topics: listOf(TEXT),
    pattern: TEXT,
    partitions: PARTITIONS,
    from: START,
    credit: CREDIT,
    policy: {
      oneOf: [
        { enum: POLICIES },
        object({ when: { enum: POLICIES }, behind: COUNT, every: COUNT }, ['when']),
      ],
    },
    filter: ref('filter'),
    isolation: { enum: ISOLATIONS, default: 'read_committed' },
    keys: FORM,
    values: FORM,
    headers: FLAG,
    times: FLAG,
    group: object({ id: TEXT, instance: TEXT, member: TEXT }, ['id']),
  }),
  unsubscribe: command('unsubscribe', { sub: SUB }, ['sub']),
  credit: command('credit', { sub: SUB, records: COUNT, bytes: COUNT }, ['sub']),
  ack: command('ack', { sub: SUB, positions: listOf(ref('position')) }, ['sub', 'positions']),
  seek: command('seek', { sub: SUB, to: START }, ['sub', 'to']),
  position: command('position', { sub: SUB }, ['sub']),
  produce: command(
    'produce',
    {
      topic: TEXT,
      acks: { enum: [0, 1, 'all'] },
      partition: COUNT,
      keys: FORM,
      values: FORM,
      records: listOf(
        object({ key: {}, value: {}, headers: HEADERS, time: COUNT, partition: COUNT }),
      ),
      producerId: COUNT,
      producerEpoch: COUNT,
      sequence: COUNT,
    },
    ['topic', 'records'],
  ),
  producer: command('producer', {}),
  topics: command('topics', { topic: TEXT, topics: listOf(TEXT), pattern: TEXT }),
  ping: command('ping', {}),
  auth: command('auth', { token: TEXT }),
};

/** The answers and events of the broker, by `type`. */
export const EVENT_MESSAGES: Properties = {
  hello: message('hello', {
    protocol: NUMBER,
    broker: TEXT,
    clusterId: TEXT,
    limits: { type: 'object', additionalProperties: NUMBER },
  }),
  ok: {
    ...message('ok', { id: ID }, ['id']),
    description: 'the answer to a command; what else it has depends on the command',
  },
  error: message(
    'error',
    {
      id: { type: ['string', 'integer', 'null'] },
      code: { enum: Object.keys(COMMAND_ERRORS) },
      message: TEXT,
      field: TEXT,
      retry: FLAG,
    },
    ['id', 'code', 'message', 'retry'],
  ),
  records: message(
    'records',
    {
      sub: SUB,
      ...PLACE,
      position: COUNT,
      next: COUNT,
      high: COUNT,
      epoch: NUMBER,
      count: COUNT,
      skipped: COUNT,
      records: listOf(ref('record')),
    },
    ['sub', 'topic', 'partition', 'position', 'next', 'high', 'epoch', 'count', 'records'],
  ),
  gap: message(
    'gap',
    {
      sub: SUB,
      ...PLACE,
      from: COUNT,
      to: NUMBER,
      reason: {
        enum: ['retention', 'truncation', 'recreated', 'deleted', 'behind', 'offset', 'corrupt'],
      },
    },
    ['sub', 'topic', 'partition', 'from', 'to', 'reason'],
  ),
  added: message('added', { sub: SUB, positions: listOf(ref('position')) }, ['sub', 'positions']),
  assigned: message(
    'assigned',
    { sub: SUB, group: TEXT, generation: NUMBER, member: TEXT, positions: listOf(ref('position')) },
    ['sub', 'group', 'positions'],
  ),
  revoked: message(
    'revoked',
    { sub: SUB, group: TEXT, positions: listOf(ref('position')), reason: TEXT },
    ['sub', 'group', 'positions', 'reason'],
  ),
  ended: message('ended', { sub: SUB, code: TEXT, message: TEXT, retry: FLAG, token: TEXT }, [
    'sub',
    'code',
    'message',
    'retry',
  ]),
};

/** The parts that several messages share. */
export const SHARED_SCHEMAS: Properties = {
  position: object(
    {
      ...PLACE,
      topicId: TEXT,
      offset: COUNT,
      epoch: NUMBER,
      start: COUNT,
      end: COUNT,
      redelivered: COUNT,
    },
    ['topic', 'partition', 'offset'],
  ),
  filter: {
    oneOf: [
      object({ key: TEXT }, ['key']),
      object({ header: listOf(TEXT) }, ['header']),
      object({ path: TEXT, equals: {} }, ['path', 'equals']),
      object({ all: listOf(ref('filter')) }, ['all']),
    ],
  },
  record: object(
    {
      offset: COUNT,
      partition: COUNT,
      time: COUNT,
      key: {},
      value: {},
      key64: { type: 'string', contentEncoding: 'base64' },
      value64: { type: 'string', contentEncoding: 'base64' },
      headers: HEADERS,
    },
    ['offset'],
  ),
};

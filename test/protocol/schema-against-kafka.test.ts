import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { allCodecs } from '../../src/protocol/api-registry.ts';
import { CONTROLLER_API_TABLE } from '../../src/protocol/controller-api-table.ts';
import { METADATA_RECORD_TABLE } from '../../src/protocol/metadata-record-table.ts';
import {
  type ResolvedField,
  type ResolvedStruct,
  resolveMessage,
} from '../../src/protocol/resolved-struct.ts';
import * as consumerProtocol from '../../src/protocol/schema/consumer-protocol.ts';
import * as principalData from '../../src/protocol/schema/principal-data.ts';
import * as classicGroup from '../../src/protocol/schema/records-classic-group.ts';
import * as consumerGroup from '../../src/protocol/schema/records-consumer-group.ts';
import * as quorum from '../../src/protocol/schema/records-quorum.ts';
import * as shareGroup from '../../src/protocol/schema/records-share-group.ts';
import * as streamsGroup from '../../src/protocol/schema/records-streams-group.ts';
import * as transaction from '../../src/protocol/schema/records-transaction.ts';
import * as headers from '../../src/protocol/schema/request-and-response-headers.ts';
import { INT64_MAX, type MessageSchema } from '../../src/protocol/schema-dsl.ts';
import { KAFKA_VERSION, mavenJar } from './maven-jar.ts';
import { zipEntries } from './zip-entries.ts';

interface KafkaField {
  name: string;
  type: string;
  versions?: string;
  nullableVersions?: string;
  taggedVersions?: string;
  tag?: number;
  default?: unknown;
  ignorable?: boolean;
  flexibleVersions?: string;
  fields?: KafkaField[];
}

interface KafkaMessage {
  name: string;
  type: string;
  apiKey?: number;
  listeners?: string[];
  validVersions: string;
  flexibleVersions?: string;
  latestVersionUnstable?: boolean;
  fields?: KafkaField[];
  commonStructs?: { name: string; fields: KafkaField[] }[];
}

const ARTIFACTS = [
  'kafka-clients',
  'kafka-group-coordinator',
  'kafka-transaction-coordinator',
  'kafka-metadata',
];

let kafka: Map<string, KafkaMessage> | null = null;

beforeAll(() => {
  kafka = loadKafka();
}, 400_000);

function loadKafka(): Map<string, KafkaMessage> | null {
  const messages = new Map<string, KafkaMessage>();
  for (const artifact of ARTIFACTS) {
    const jar = mavenJar('org.apache.kafka', artifact, KAFKA_VERSION);
    if (jar === null) {
      console.log(`the tables are not compared with Kafka's: Maven cannot fetch ${artifact}`);
      return null;
    }
    const isSchema = (name: string) => /^common\/(message|metadata)\/\w+\.json$/.test(name);
    for (const text of zipEntries(readFileSync(jar), isSchema).values()) {
      const message: KafkaMessage = JSON.parse(text.toString().replace(/^\s*\/\/.*$/gm, ''));
      messages.set(message.name, message);
    }
  }
  return messages;
}

function kafkaTest(name: string, body: (kafka: Map<string, KafkaMessage>) => void): void {
  test(name, (context) => {
    if (kafka === null) context.skip('Maven cannot fetch the artifacts of Kafka');
    else body(kafka);
  });
}

/** Read here a second time, so that a slip in the product's reading cannot hide itself. */
function covers(versions: string | undefined, version: number): boolean {
  if (versions === undefined || versions === 'none') return false;
  if (versions.endsWith('+')) return version >= Number.parseInt(versions, 10);
  const [lowest, highest] = versions.split('-').map(Number);
  return version >= lowest! && version <= (highest ?? lowest!);
}

/** What of a field decides the bytes on the wire or what an encoder accepts. */
interface Facts {
  name: string;
  type: string;
  isPresent: boolean;
  isNullable: boolean;
  isIgnorable: boolean;
  isCompact: boolean;
  tag: number;
  defaultValue: unknown;
  fields: Facts[];
}

function kafkaFacts(message: KafkaMessage, fields: KafkaField[], version: number): Facts[] {
  const structs = new Map(message.commonStructs?.map((each) => [each.name, each.fields]));
  return fields.map((field) => {
    const type = field.type.replace('[]', '');
    const members = field.fields ?? structs.get(type);
    return {
      name: field.name[0]!.toLowerCase() + field.name.slice(1),
      type: field.type.replace(/\b[A-Z]\w*/, 'struct'),
      isPresent: covers(field.versions ?? field.taggedVersions, version),
      isNullable: covers(field.nullableVersions, version),
      isIgnorable: field.ignorable === true || String(field.ignorable) === 'true',
      isCompact: covers(message.flexibleVersions, version) && field.flexibleVersions !== 'none',
      tag: covers(field.taggedVersions, version) ? field.tag! : -1,
      defaultValue: kafkaDefault(field),
      fields: members === undefined ? [] : kafkaFacts(message, members, version),
    };
  });
}

function kafkaDefault(field: KafkaField): unknown {
  const given = field.default;
  if (given === null || given === 'null') return null;
  if (/^\[\]|^[A-Z]|^bytes$/.test(field.type)) return undefined;
  if (field.type === 'records') return null;
  if (field.type === 'uuid') return 'AAAAAAAAAAAAAAAAAAAAAA';
  if (field.type === 'string') return given ?? '';
  if (field.type === 'bool') return String(given ?? 'false') === 'true';
  return given === '9223372036854775807' ? INT64_MAX : Number(given ?? 0);
}

function ourFacts(struct: ResolvedStruct): Facts[] {
  return struct.fields.map((field: ResolvedField) => ({
    name: field.name,
    type: (field.isArray ? '[]' : '') + field.type,
    isPresent: field.isPresent,
    isNullable: field.isNullable,
    isIgnorable: field.isIgnorable,
    isCompact: field.isCompact,
    tag: field.tag,
    defaultValue: field.defaultValue,
    fields: field.struct === null ? [] : ourFacts(field.struct),
  }));
}

function expectSame(ours: MessageSchema<unknown>, message: KafkaMessage): void {
  expect(ours.versions, ours.name).toBe(message.validVersions);
  expect(ours.flexible, ours.name).toBe(message.flexibleVersions);
  for (let version = 0; version < 64; version++) {
    if (!covers(message.validVersions, version)) continue;
    const theirs = kafkaFacts(message, message.fields ?? [], version);
    expect(ourFacts(resolveMessage(ours, version)), `${ours.name} v${version}`).toEqual(theirs);
  }
}

kafkaTest("every API that a client may send to Kafka's broker is in the table", (kafka) => {
  const theirs = [...kafka.values()]
    .filter((each) => each.type === 'request' && each.listeners?.includes('broker'))
    .filter((each) => each.validVersions !== 'none')
    .map((each) => [
      each.apiKey,
      each.name.replace(/Request$/, ''),
      each.latestVersionUnstable ?? false,
    ]);
  const ours = allCodecs().map((api) => [api.key, api.name, api.latestVersionUnstable]);
  expect(ours).toEqual(theirs.sort((a, b) => Number(a[0]) - Number(b[0])));
});

for (const api of allCodecs()) {
  kafkaTest(`${api.name} is field by field as in Kafka`, (kafka) => {
    expectSame(api.request.schema, kafka.get(`${api.name}Request`)!);
    expectSame(api.response.schema, kafka.get(`${api.name}Response`)!);
  });
}

for (const [key, api] of Object.entries(CONTROLLER_API_TABLE)) {
  kafkaTest(`${api.name}, which controllers serve, is field by field as in Kafka`, (kafka) => {
    const request = kafka.get(`${api.name}Request`)!;
    expect([api.key, request.apiKey]).toEqual([Number(key), Number(key)]);
    expect(request.listeners).toContain('controller');
    expectSame(api.request, request);
    expectSame(api.response, kafka.get(`${api.name}Response`)!);
  });
}

kafkaTest('every record of the metadata log is field by field as in Kafka', (kafka) => {
  const theirs = [...kafka.values()].filter((each) => each.type === 'metadata');
  const ours: MessageSchema<unknown>[] = Object.values(METADATA_RECORD_TABLE);
  expect(ours.map((each) => each.name).sort()).toEqual(theirs.map((each) => each.name).sort());
  for (const schema of ours) {
    expect(schema.recordType, schema.name).toBe(kafka.get(schema.name)!.apiKey);
    expectSame(schema, kafka.get(schema.name)!);
  }
});

const records = {
  ...classicGroup,
  ...consumerGroup,
  ...shareGroup,
  ...streamsGroup,
  ...transaction,
};

kafkaTest('every record of the coordinators is field by field as in Kafka', (kafka) => {
  const theirs = [...kafka.values()].filter((each) => each.type.startsWith('coordinator-'));
  const ours = Object.values(records) as MessageSchema<unknown>[];
  expect(ours.map((each) => each.name).sort()).toEqual(theirs.map((each) => each.name).sort());
  for (const schema of ours) {
    expect(schema.recordType, schema.name).toBe(kafka.get(schema.name)!.apiKey);
    expectSame(schema, kafka.get(schema.name)!);
  }
});

const others = { ...headers, ...consumerProtocol, ...quorum, ...principalData };

kafkaTest('headers and messages inside others are field by field as in Kafka', (kafka) => {
  for (const schema of Object.values(others)) {
    expectSame(schema as MessageSchema<unknown>, kafka.get(schema.name)!);
  }
});

test('the keys of the table are those of the API constants', () => {
  const named = Object.entries(API).map(([name, key]) => [key, name.replaceAll('_', '')]);
  const table = allCodecs().map((api) => [api.key, api.name.toUpperCase()]);
  expect(table).toEqual(named);
});

test('no two errors share a code', () => {
  const codes = Object.values(ERROR);
  expect(new Set(codes).size).toBe(codes.length);
});

/**
 * Each cell: one request, as somebody with one set of rights, about something that is there or is
 * not. `kafka-4.3.1.json` says what Apache Kafka answers; it is written anew by
 * `MILLRACE_TAKE_RIGHTS=1 npx vitest run --config test/vitest.config.ts test/front/rights`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { startBroker } from 'millrace';
import { beforeAll, describe, expect, test } from 'vitest';
import { handlers } from '../../../src/front/handlers/index.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { apiName } from '../../../src/protocol/api-registry.ts';
import { Broker } from '../../conformance/lib/brokers.mjs';
import { ASKED, type Outcomes, type RightsTable, tableOf } from './rights-table.ts';
import { STAGE_CONFIG, Stage } from './stage.ts';

const FILE = new URL('./kafka-4.3.1.json', import.meta.url);
const TABLE_MS = 300_000;
const LISTENERS = 'PLAINTEXT://127.0.0.1:0,SASL_PLAINTEXT://127.0.0.1:0';

/** What needs no rights. */
const FREE: readonly number[] = [API.SASL_HANDSHAKE, API.SASL_AUTHENTICATE, API.API_VERSIONS];

/**
 * Where millrace does something else with what is allowed. Who is denied, and how, is compared
 * there too.
 */
const DOES_OTHERWISE: Readonly<Record<string, string>> = {
  'DescribeConfigs v1 of its loggers, all': 'it has no levels of single loggers',
  'DescribeConfigs v4 of its loggers, all': 'it has no levels of single loggers',
  'DescribeConfigs v1 of metrics, all': 'it takes no metrics of clients',
  'DescribeConfigs v4 of metrics, all': 'it takes no metrics of clients',
  'Metadata v0, absent': 'a topic that Metadata makes can be used at once',
  'Metadata v4 with creation, absent': 'a topic that Metadata makes can be used at once',
  'Metadata v9 with creation, absent': 'a topic that Metadata makes can be used at once',
};

/** A broker without replicas gives nobody anything as to a replica, whatever rights it has. */
const REPLICA = 'Fetch v12 as a replica, all';
const REFUSED = '{ errorCode: CLUSTER_AUTHORIZATION_FAILED }';

function denials(outcomes: Outcomes): Outcomes {
  const entries = Object.entries(outcomes);
  return Object.fromEntries(entries.filter(([text]) => text.includes('AUTHORIZATION_FAILED')));
}

test('every API is in the table', () => {
  const asked = new Set(ASKED.flatMap(([, requests]) => requests.map(({ key }) => key as number)));
  const missing = handlers.filter(({ key }) => !asked.has(key) && !FREE.includes(key));
  expect(missing.map(({ key }) => apiName(key))).toEqual([]);
});

describe.skipIf(process.env.MILLRACE_TAKE_RIGHTS !== '1')('(with MILLRACE_TAKE_RIGHTS=1)', () => {
  test(
    'what Apache Kafka answers is written down',
    async () => {
      const config = { ...STAGE_CONFIG };
      const listeners = ['SASL_PLAINTEXT'] as never[];
      const broker = await Broker.start('kafka', { config, listeners });
      const { SASL_PLAINTEXT: saslPort } = (broker as unknown as { ports: Record<string, number> })
        .ports;
      try {
        await using stage = await Stage.open(broker.port, saslPort!);
        const table = await tableOf(stage);
        writeFileSync(FILE, `${JSON.stringify(table, null, 2)}\n`);
      } finally {
        await broker.discard();
      }
    },
    TABLE_MS,
  );
});

describe('the rights of millrace', () => {
  const expected = JSON.parse(readFileSync(FILE, 'utf8')) as RightsTable;
  let table: RightsTable = {};

  beforeAll(async () => {
    await using broker = await startBroker({
      config: { ...STAGE_CONFIG, listeners: LISTENERS, 'millrace.http.listener': 'none' },
    });
    const saslPort = Number(broker.addressOf('SASL_PLAINTEXT').split(':')[1]);
    await using stage = await Stage.open(broker.port, saslPort);
    table = await tableOf(stage);
  }, TABLE_MS);

  for (const [varied, rows] of Object.entries(expected)) {
    describe(`where those on each ${varied} vary`, () => {
      test.each(Object.keys(rows))('%s', (name) => {
        const [own, kafka] = [table[varied]![name]!, rows[name]!];
        if (name === REPLICA) expect(Object.keys(own)).toEqual([REFUSED]);
        else if (name in DOES_OTHERWISE) expect(denials(own)).toEqual(denials(kafka));
        else expect(own).toEqual(kafka);
      });
    });
  }
});

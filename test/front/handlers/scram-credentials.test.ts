import { type EmbeddedBroker, startBroker } from 'millrace';
import { Admin } from 'millrace/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { WireClient } from '../../support/wire-client.ts';

let broker: EmbeddedBroker;
let client: WireClient;

beforeAll(async () => {
  broker = await startBroker({ config: { 'millrace.http.listener': 'none' } });
  client = await WireClient.open(broker.port);
  await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
  const ofEve = { user: 'eve', password: 'of-eve' };
  // A request may name a user once.
  await admin.scram.alter([{ ...ofEve, mechanism: 'SCRAM-SHA-256', iterations: 4096 }]);
  await admin.scram.alter([{ ...ofEve, mechanism: 'SCRAM-SHA-512', iterations: 5000 }]);
});

afterAll(async () => {
  client.close();
  await broker.close();
});

const ask = (users: string[] | null) =>
  client.ask(API.DESCRIBE_USER_SCRAM_CREDENTIALS, 0, {
    users: users === null ? null : users.map((name) => ({ name })),
  });

/** Kafka's default for a text that nobody sets: not null. */
const NO_ERROR = { errorCode: ERROR.NONE, errorMessage: '' };

const EVE = {
  user: 'eve',
  ...NO_ERROR,
  credentialInfos: [
    { mechanism: 1, iterations: 4096 },
    { mechanism: 2, iterations: 5000 },
  ],
};

it.each([[null], [[]], [['eve']]])(
  'an answer without errors has empty messages: %j',
  async (asked) => {
    expect(await ask(asked)).toEqual({ throttleTimeMs: 0, ...NO_ERROR, results: [EVE] });
  },
);

it('a user without a password, or named twice, is told of beside the others', async () => {
  const { results, ...whole } = await ask(['eve', 'nobody', 'twin', 'twin']);
  expect(whole).toEqual({ throttleTimeMs: 0, ...NO_ERROR });
  const told = new Map(results.map(({ user, ...rest }) => [user, rest]));
  expect({ user: 'eve', ...told.get('eve') }).toEqual(EVE);
  expect(told.get('nobody')).toEqual({
    errorCode: ERROR.RESOURCE_NOT_FOUND,
    errorMessage: 'Attempt to describe a user credential that does not exist: nobody',
    credentialInfos: [],
  });
  expect(told.get('twin')).toEqual({
    errorCode: ERROR.DUPLICATE_RESOURCE,
    errorMessage:
      'Cannot describe SCRAM credentials for the same user twice in a single request: twin',
    credentialInfos: [],
  });
});

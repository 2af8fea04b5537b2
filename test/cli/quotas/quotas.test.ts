import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CliOutcome, runCli } from '../run-cli.ts';

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await startBroker({ config: { 'millrace.http.listener': 'none' } });
});

afterAll(() => broker.close());

const cli = (...words: string[]): Promise<CliOutcome> =>
  runCli(words, { servers: broker.bootstrapServers });

it('sets, lists and takes away quotas', async () => {
  const who = ['--user', 'alice', '--client-defaults'];
  const quotas = ['--add', 'producer_byte_rate=1000000', '--add', 'request_percentage=12.5'];
  const altered = await cli('quotas', 'alter', ...who, ...quotas);
  expect(altered).toEqual({
    code: 0,
    out: 'altered user alice, client-id <default>\n',
    errors: '',
  });
  await cli('quotas', 'alter', '--ip-defaults', '--add', 'connection_creation_rate=1000');
  expect((await cli('quotas', 'list')).out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['ENTITY', 'QUOTA', 'VALUE'].map((title) => expect.stringContaining(title)),
    ['ip <default>', 'connection_creation_rate', '1000'],
    ['user alice, client-id <default>', 'producer_byte_rate', '1000000'],
    ['user alice, client-id <default>', 'request_percentage', '12.5'],
    [''],
  ]);
  const listed = await cli('quotas', 'list', '--ip-defaults', '-o', 'json');
  expect(JSON.parse(listed.out)).toEqual([
    { entity: { ip: null }, values: { connection_creation_rate: 1000 } },
  ]);
  await cli('quotas', 'alter', '--ip-defaults', '--delete', 'connection_creation_rate');
  expect((await cli('quotas', 'list', '--ip-defaults')).out).not.toContain('ip');
});

it.each([
  [['--add', 'producer_byte_rate=1'], 'for whom'],
  [['--user', 'a'], '--add or --delete'],
  [['--user', 'a', '--user-defaults', '--add', 'x=1'], 'only one of both'],
  [['--user', 'a', '--add', 'producer_byte_rate=much'], 'expected a number'],
])('says what is wrong with %j', async (words, message) => {
  const outcome = await cli('quotas', 'alter', ...words);
  expect(outcome.code).toBe(2);
  expect(outcome.errors).toContain(message);
});

it('tells what the broker refuses', async () => {
  const unknown = await cli('quotas', 'alter', '--user', 'a', '--add', 'speed=1');
  expect(unknown.code).toBe(1);
  expect(unknown.errors).toContain('Invalid configuration key speed');
});

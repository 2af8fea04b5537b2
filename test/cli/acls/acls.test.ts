import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CliOutcome, runCli } from '../run-cli.ts';

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await startBroker({
    config: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
      'millrace.http.listener': 'none',
    },
  });
});

afterAll(() => broker.close());

const cli = (...words: string[]): Promise<CliOutcome> =>
  runCli(words, { servers: broker.bootstrapServers });

const ORDERS = 'ResourcePattern(resourceType=TOPIC, name=orders, patternType=LITERAL)';

it('adds, lists and removes rules in the words of kafka-acls', async () => {
  const rule = ['--allow-principal', 'User:alice', '--operation', 'Read', '--topic', 'orders'];
  const entry = '\t(principal=User:alice, host=*, operation=READ, permissionType=ALLOW)\n';
  const added = await cli('acls', 'add', ...rule);
  expect(added).toEqual({
    code: 0,
    out: `Adding ACLs for resource \`${ORDERS}\`:\n${entry}\n`,
    errors: '',
  });
  const listed = await cli('acls', 'list');
  expect(listed.out).toBe(`Current ACLs for resource \`${ORDERS}\`:\n${entry}\n`);
  expect((await cli('acls', 'list', '--principal', 'User:bob')).out).toBe('');
  expect((await cli('acls', 'list', '--group', 'orders')).out).toBe('');
  const removed = await cli('acls', 'remove', ...rule);
  expect(removed.out).toContain(entry);
  expect((await cli('acls', 'list')).out).toBe('');
  const again = await cli('acls', 'remove', ...rule);
  expect(again).toEqual({ code: 0, out: '', errors: 'millrace: no such ACL\n' });
});

it('knows what producers and consumers need', async () => {
  await cli(
    ...['acls', 'add', '--producer', '--consumer', '--allow-principal', 'User:bob'],
    ...['--topic', 'in-', '--resource-pattern-type', 'prefixed', '--group', 'g'],
    ...['--deny-principal', 'User:eve', '--deny-host', '10.0.0.1'],
  );
  const listed = JSON.parse((await cli('acls', 'list', '-o', 'json')).out) as {
    readonly resourceType: string;
    readonly principal: string;
    readonly operation: string;
    readonly patternType: string;
    readonly host: string;
  }[];
  const of = (type: string, principal: string) =>
    listed
      .filter((acl) => acl.resourceType === type && acl.principal === principal)
      .map(({ operation }) => operation)
      .sort();
  expect(of('topic', 'User:bob')).toEqual(['create', 'describe', 'read', 'write']);
  expect(of('group', 'User:bob')).toEqual(['read']);
  expect(of('topic', 'User:eve')).toEqual(['create', 'describe', 'read', 'write']);
  expect(new Set(listed.map(({ patternType }) => patternType))).toEqual(new Set(['prefixed']));
  const hosts = listed.filter(({ principal }) => principal === 'User:eve').map(({ host }) => host);
  expect(new Set(hosts)).toEqual(new Set(['10.0.0.1']));
  const matching = ['--topic', 'in-7', '--resource-pattern-type', 'match'];
  expect((await cli('acls', 'list', ...matching)).out).toContain('name=in-');
  await cli('acls', 'remove', ...matching);
  expect((await cli('acls', 'list', '--topic', 'in-7')).out).toBe('');
  expect((await cli('acls', 'list', ...matching)).out).toBe('');
});

it.each([
  [['--allow-principal', 'User:a'], 'name a resource'],
  [['--topic', 't'], 'for whom'],
  [['--topic', 't', '--allow-principal', 'alice'], 'User:alice'],
  [['--topic', 't', '--allow-principal', 'User:a', '--operation', 'Fly'], '--operation Fly'],
  [['--group', 'g', '--allow-principal', 'User:a', '--operation', 'Write'], 'a group knows only'],
  [
    ['--topic', 't', '--allow-principal', 'User:a', '--resource-pattern-type', 'match'],
    'literal or prefixed',
  ],
])('says what is wrong with %j', async (words, message) => {
  const outcome = await cli('acls', 'add', ...words);
  expect(outcome).toMatchObject({ code: 2, out: '' });
  expect(outcome.errors).toContain(message);
});

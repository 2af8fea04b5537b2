import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliOutcome, runCli } from './run-cli.ts';

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await startBroker();
});

afterAll(() => broker.close());

function cli(...words: string[]): Promise<CliOutcome> {
  return runCli(words, { servers: broker.bootstrapServers });
}

function linesOf(text: string): string[][] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/\s+/));
}

describe('millrace topics', () => {
  it('creates, lists, describes, alters and deletes a topic', async () => {
    const created = await cli('topics', 'create', 'orders', '--partitions', '2');
    expect(created).toEqual({ code: 0, out: 'created orders\n', errors: '' });

    const listed = await cli('topics', 'list');
    expect(linesOf(listed.out)).toEqual([
      ['TOPIC', 'PARTITIONS', 'REPLICAS'],
      ['orders', '2', '1'],
    ]);

    const words = ['--partitions', '3', '--config', 'retention.ms=60000'];
    expect((await cli('topics', 'alter', 'orders', ...words)).out).toBe('altered orders\n');
    const described = await cli('topics', 'describe', 'orders', '-o', 'json');
    const [topic] = JSON.parse(described.out) as [Record<string, unknown>];
    expect(topic).toMatchObject({ name: 'orders', configs: { 'retention.ms': '60000' } });
    expect(topic.partitions).toHaveLength(3);

    await cli('topics', 'alter', '--topic', 'orders', '--delete-config', 'retention.ms');
    const table = await cli('topics', 'describe', '--topic', 'orders');
    const [head, row] = linesOf(table.out);
    expect(head).toEqual(['TOPIC', 'ID', 'PARTITIONS', 'REPLICAS', 'CONFIGS']);
    expect([row![0], row![2], row![4]]).toEqual(['orders', '3', '-']);

    expect((await cli('topics', 'delete', 'orders')).out).toBe('deleted orders\n');
    expect(JSON.parse((await cli('topics', 'list', '-o', 'json')).out)).toEqual([]);
  });

  it('says what is wrong with a topic and does the others', async () => {
    await cli('topics', 'create', 'there');
    const outcome = await cli('topics', 'create', 'there', 'new');
    expect(outcome.code).toBe(1);
    expect(outcome.out).toBe('created new\n');
    expect(outcome.errors).toContain('topic there: ');
    expect(outcome.errors).toContain('(TOPIC_ALREADY_EXISTS)');
    const again = await cli('topics', 'create', 'there', '--if-not-exists');
    expect(again).toEqual({ code: 0, out: 'there already: there\n', errors: '' });
    const gone = await cli('topics', 'delete', 'there', 'gone', 'new', '--if-exists');
    expect(gone.out).toBe('deleted there\nnot there: gone\ndeleted new\n');
  });

  it('passes on what the broker says of a bad configuration', async () => {
    const outcome = await cli('topics', 'create', 'odd', '--config', 'no.such.name=1');
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.errors).toContain('no.such.name');
    const missing = await cli('topics', 'describe', 'nowhere');
    expect(missing.errors).toBe(
      'millrace: topic nowhere: there is no such topic (UNKNOWN_TOPIC_OR_PARTITION)\n',
    );
  });

  it('creates nothing when it only validates', async () => {
    const outcome = await cli('topics', 'create', 'maybe', '--validate-only', '-o', 'json');
    const expected = [{ name: 'maybe', done: 'could create', error: null }];
    expect(JSON.parse(outcome.out)).toEqual(expected);
    expect((await cli('topics', 'describe', 'maybe')).code).toBe(1);
  });
});

describe('millrace configs', () => {
  it('sets, shows and deletes configurations of a topic', async () => {
    await cli('topics', 'create', 'logs');
    const changes = ['--add', 'cleanup.policy=compact', '--add', 'segment.ms=70000'];
    expect((await cli('configs', 'alter', '--topic', 'logs', ...changes)).out).toBe('changed\n');
    const table = await cli('configs', 'describe', '--topic', 'logs');
    expect(linesOf(table.out)).toEqual([
      ['NAME', 'VALUE', 'SOURCE'],
      ['cleanup.policy', 'compact', 'DYNAMIC_TOPIC_CONFIG'],
      ['segment.ms', '70000', 'DYNAMIC_TOPIC_CONFIG'],
    ]);
    await cli('configs', 'alter', '--topic', 'logs', '--delete', 'segment.ms');
    const left = await cli('configs', 'describe', '--topic', 'logs', '-o', 'json');
    const entry = { name: 'cleanup.policy', value: 'compact', source: 'DYNAMIC_TOPIC_CONFIG' };
    expect(JSON.parse(left.out)).toEqual([{ ...entry, readOnly: false, sensitive: false }]);
    const all = await cli('configs', 'describe', '--topic', 'logs', '--all', '-o', 'json');
    const names = (JSON.parse(all.out) as { name: string }[]).map(({ name }) => name);
    expect(names).toContain('retention.ms');
  });

  it('deletes no configuration that there is not', async () => {
    await cli('topics', 'create', 'kept');
    for (const [entity, wrong, why] of [
      [['--topic', 'kept'], 'segment.ns', 'there is no such configuration'],
      [['--topic', 'kept'], 'segment.ms=5', 'there is no such configuration'],
      [['--broker-defaults'], 'log.retention.bytes', 'it is not set'],
    ] as const) {
      const outcome = await cli('configs', 'alter', ...entity, '--delete', wrong);
      expect(outcome).toMatchObject({ code: 2, out: '' });
      expect(outcome.errors).toBe(`millrace: --delete ${wrong}: ${why}\n`);
    }
    const unset = await cli('configs', 'alter', '--topic', 'kept', '--delete', 'segment.ms');
    expect(unset.out).toBe('changed\n');
    const noGroup = await cli('configs', 'alter', '--group', '', '--add', 'a=b');
    expect(noGroup.errors).toMatch(/^millrace: group : /);
  });

  it('changes a broker and the defaults of all brokers', async () => {
    const { code } = await cli('configs', 'alter', '--broker', '1', '--add', 'log.retention.ms=1');
    expect(code).toBe(0);
    const shown = await cli('configs', 'describe', '--broker', '1');
    expect(shown.out).toMatch(/^log\.retention\.ms +1 +DYNAMIC_BROKER_CONFIG$/m);
    await cli('configs', 'alter', '--broker-defaults', '--add', 'message.max.bytes=2000');
    const defaults = await cli('configs', 'describe', '--broker-defaults');
    expect(defaults.out).toMatch(/^message\.max\.bytes +2000 /m);
  });

  it('changes nothing when it only validates, and refuses what is not valid', async () => {
    const alter = ['configs', 'alter', '--group', 'g', '--add'];
    const setting = 'consumer.session.timeout.ms';
    const validated = await cli(...alter, `${setting}=50000`, '--validate-only');
    expect(validated.out).toBe('the change is valid\n');
    const shown = await cli('configs', 'describe', '--group', 'g', '-o', 'json');
    expect(JSON.parse(shown.out)).toEqual([]);
    const refused = await cli(...alter, `${setting}=soon`);
    expect(refused.code).toBe(1);
    expect(refused.errors).toMatch(/^millrace: group g: .*\(INVALID_CONFIG\)\n$/);
    expect((await cli('configs', 'describe')).code).toBe(2);
  });
});

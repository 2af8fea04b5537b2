import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

type Event = Readonly<Record<string, unknown>> & { readonly name: string };

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await startBroker();
});

afterAll(() => broker.close());

async function events(...words: string[]): Promise<Event[]> {
  const [command, ...rest] = words;
  const { code, out, errors } = await runCli([
    command!,
    '--bootstrap-server',
    broker.bootstrapServers,
    ...rest,
  ]);
  expect([code, errors]).toEqual([0, '']);
  return out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
}

describe('the verifiable programs', () => {
  it.each(['classic', 'consumer'])('keep the contract in a %s group', async (protocol) => {
    const topic = `verified-${protocol}`;
    await broker.createTopic(topic, { partitions: 3 });
    const flags = ['--max-messages', '50', '--value-prefix', '7', '--repeating-keys', '5'];
    const sent = await events('verifiable-producer', '--topic', topic, ...flags);
    expect(sent.map(({ name }) => name)).toEqual([
      'startup_complete',
      ...Array<string>(50).fill('producer_send_success'),
      'shutdown_complete',
      'tool_data',
    ]);
    expect(sent.at(-1)).toMatchObject({ sent: 50, acked: 50, target_throughput: -1 });

    const group = ['--group-id', `group-${protocol}`, '--group-protocol', protocol, '--verbose'];
    const read = await events(
      'verifiable-consumer',
      ...['--topic', topic, '--max-messages', '50', ...group],
    );
    expect(read[0]).toMatchObject({ name: 'startup_complete' });
    expect(read.at(-1)).toMatchObject({ name: 'shutdown_complete' });
    const all = [0, 1, 2].map((partition) => ({ topic, partition }));
    expect(read.find(({ name }) => name === 'partitions_assigned')?.partitions).toEqual(all);
    expect(read.find(({ name }) => name === 'partitions_revoked')?.partitions).toEqual(all);
    const committed = read.filter(({ name }) => name === 'offsets_committed');
    expect(committed.every(({ success }) => success === true)).toBe(true);
    const data = read.filter(({ name }) => name === 'record_data');
    const ofAcks = sent.filter(({ name }) => name === 'producer_send_success');
    const identity = ({ partition, offset, key, value }: Event) =>
      `${partition}:${offset}:${key}=${value}`;
    expect(data.map(identity).sort()).toEqual(ofAcks.map(identity).sort());
  });

  it('keep the rate that is asked for', async () => {
    await broker.createTopic('rated');
    const flags = ['--max-messages', '200', '--throughput', '100'];
    const sent = await events('verifiable-producer', '--topic', 'rated', ...flags);
    const times = sent.map(({ timestamp }) => Number(timestamp));
    // The last record may leave once the others have had their time.
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(1_900);
  });
});

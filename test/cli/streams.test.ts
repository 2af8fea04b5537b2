import { once } from 'node:events';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, startCli } from './run-cli.ts';

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await startBroker();
});

afterAll(() => broker.close());

const LINE = `${'x'.repeat(999)}\n`;

describe('produce and consume as streams', () => {
  it('reports how many records of how many failed, and sends the others', async () => {
    await broker.createTopic('partly', { partitions: 1 });
    const servers = broker.bootstrapServers;
    const input = `a\n${'y'.repeat(2 * 1024 * 1024)}\nb\n`;
    const { code, errors } = await runCli(['produce', 'partly'], { servers, input });
    expect(code).toBe(1);
    expect(errors).toMatch(/^millrace: 1 of 3 records were not sent to partly: /);
    const read = await runCli(['consume', 'partly', '-o', '0', '-e'], { servers });
    expect(read.out).toBe('a\nb\n');
  });

  it('ends quietly with 0 where its reader had enough, and with 130 on SIGINT', async () => {
    await broker.createTopic('much', { partitions: 1 });
    const servers = broker.bootstrapServers;
    await runCli(['produce', 'much'], { servers, input: LINE.repeat(20_000) });
    const gone = startCli(['consume', 'much', '-o', '0'], servers);
    await once(gone.stdout, 'data');
    gone.stdout.destroy();
    expect(await once(gone, 'close')).toEqual([0, null]);

    const group = ['consume', '-G', 'stopped', '-o', 'beginning', 'much'];
    const stopped = startCli(group, servers);
    await once(stopped.stdout, 'data');
    stopped.kill('SIGINT');
    stopped.stdout.resume();
    expect(await once(stopped, 'close')).toEqual([130, null]);
    const state = await runCli(['groups', 'describe', 'stopped', '--state'], { servers });
    expect(state.out).toContain('Empty');
  });

  it('sends what was read before SIGINT, and says how much it was', async () => {
    await broker.createTopic('cut', { partitions: 1 });
    const child = startCli(['produce', '-T', 'cut'], broker.bootstrapServers);
    const said = once(child.stderr.setEncoding('utf8'), 'data');
    child.stdin.write('one\ntwo\n');
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect(await said).toEqual(['2 records sent to cut\n']);
    expect(await once(child, 'close')).toEqual([130, null]);
  });
});

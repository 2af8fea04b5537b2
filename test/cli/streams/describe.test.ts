import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliOutcome, runCli } from '../run-cli.ts';

const STREAMS = new URL('../../../dist/bundle/streams/index.js', import.meta.url).href;
const CLIENT = new URL('../../../dist/bundle/client/index.js', import.meta.url).href;

let directory: string;

function moduleOf(name: string, body: string): string {
  const path = join(directory, name);
  const head = `
    import { StreamsBuilder, int64 } from ${JSON.stringify(STREAMS)};
    import { text, topic } from ${JSON.stringify(CLIENT)};
    const orders = topic('orders', { key: text, value: text });
    export const topology = new StreamsBuilder();
    const stream = topology.stream(orders);
  `;
  writeFileSync(path, `${head}\n${body}`);
  return path;
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-describe-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function cli(...words: string[]): Promise<CliOutcome> {
  return runCli(['streams', 'describe', ...words]);
}

const COUNTED = "stream.groupByKey().count({ as: 'counts' });";

describe('millrace streams describe', () => {
  it("prints Java's text, JSON, and a flowchart", async () => {
    const path = moduleOf('counted.mjs', COUNTED);
    const shown = await cli(path);
    expect(shown).toMatchObject({ code: 0, errors: '' });
    expect(shown.out).toMatch(
      /^Topologies:\n {3}Sub-topology: 0\n {4}Source: KSTREAM-SOURCE-0000000000/,
    );
    expect(shown.out).toContain('(stores: [counts])');
    const json = await cli(path, '--json');
    expect(JSON.parse(json.out)).toMatchObject({
      stores: [{ name: 'counts', changelog: 'counts-changelog' }],
    });
    expect((await cli(path, '-o', 'json')).out).toBe(json.out);
    expect((await cli(path, '--mermaid')).out).toMatch(/^(flowchart|graph) /);
  });

  it('names what a change leaves behind, and fails then', async () => {
    const before = moduleOf('before.mjs', COUNTED);
    const saved = join(directory, 'saved.json');
    writeFileSync(saved, (await cli(before, '--json')).out);
    const same = await cli(before, '--compare', saved);
    expect(same).toEqual({ code: 0, out: '', errors: 'nothing differs\n' });
    const after = moduleOf('after.mjs', "stream.groupByKey().count({ as: 'sums' });");
    const changed = await cli(after, '--compare', saved);
    expect(changed.code).toBe(1);
    expect(changed.out).toMatch(/orphaned-changelog +counts-changelog +The store counts is gone/);
    const more = moduleOf('more.mjs', `${COUNTED} stream.groupByKey().count({ as: 'sums' });`);
    const added = await cli(more, '--compare', saved, '-o', 'json');
    expect(added.code).toBe(0);
    expect(JSON.parse(added.out)).toMatchObject([{ kind: 'new-store', name: 'sums' }]);
  });

  it('takes functions, other names, and topologies that are built', async () => {
    const path = moduleOf(
      'named.mjs',
      `${COUNTED} export const made = async () => topology.build({ optimization: 'all' });`,
    );
    expect((await cli(path, '--export', 'made')).out).toContain('Sub-topology: 0');
  });

  it.each([
    [['nowhere.mjs'], 1, 'nowhere.mjs cannot be loaded'],
    [[], 2, 'which module?'],
    [['x.mjs', '--json', '--mermaid'], 2, '--json and --mermaid exclude one another'],
    [['x.mjs', '--optimization', 'some'], 2, 'expected all or none'],
    [['x.mjs', '--compare', 'nowhere.json'], 1, 'nowhere.json: '],
  ])('refuses %j', async (words, code, message) => {
    const outcome = await cli(...words);
    expect(outcome.code).toBe(code);
    expect(outcome.errors).toContain(message);
  });

  it('says what a module without a topology should export', async () => {
    const path = join(directory, 'empty.mjs');
    writeFileSync(path, 'export default 5;');
    const outcome = await cli(path);
    expect(outcome.code).toBe(1);
    expect(outcome.errors).toContain('expected a StreamsBuilder, a Topology, or a function');
  });
});

import { describe, expect, it } from 'vitest';
import { bytes } from '#millrace/client/serde/serdes';
import { PartitionCounts } from '#millrace/streams/tasks/partition-counts';
import type { SubtopologyPlan } from '#millrace/streams/topology/topology-plan';

interface Shape {
  readonly reads: readonly string[];
  readonly writes?: readonly string[];
  readonly partitions?: Readonly<Record<string, number>>;
  readonly together?: readonly string[];
}

/** Names that begin with r- are repartition topics. */
function subtopology(id: number, shape: Shape): SubtopologyPlan {
  const { reads, writes = [], partitions = {}, together } = shape;
  const topic = (name: string) => ({ name, internal: name.startsWith('r-') });
  const internal = reads.filter((name) => name.startsWith('r-'));
  return {
    id,
    nodes: reads.map((name) => ({
      kind: 'source' as const,
      name: `read-${name}`,
      topics: [topic(name)],
      pattern: undefined,
      reset: undefined,
      extractor: undefined,
      key: bytes,
      value: bytes,
      children: [],
    })),
    stores: [],
    repartitionSources: internal.map((name) => ({ name, partitions: partitions[name] })),
    sinkTopics: writes.map(topic),
    copartitionGroups: together === undefined ? [] : [together.map(topic)],
  };
}

function counts(existing: Readonly<Record<string, number>>, ...shapes: readonly Shape[]) {
  const plan = { subtopologies: shapes.map((each, i) => subtopology(i, each)), globals: [] };
  return new PartitionCounts(plan, 'app', new Map(Object.entries(existing)));
}

describe('partition counts', () => {
  it('gives a repartition topic as many as the largest source behind it', () => {
    const made = counts({ a: 3, b: 5 }, { reads: ['a', 'b'], writes: ['r-1'] }, { reads: ['r-1'] });
    expect(made.repartitionTopics()).toEqual(new Map([['app-r-1', 5]]));
  });

  it('goes through chains of repartition topics, in whatever order they stand', () => {
    const made = counts(
      { a: 4 },
      { reads: ['r-2'] },
      { reads: ['r-1'], writes: ['r-2'] },
      { reads: ['a'], writes: ['r-1'] },
    );
    expect(made.repartitionTopics().get('app-r-2')).toBe(4);
  });

  it('gives a repartition topic that is joined with a topic the number of that', () => {
    const together = ['b', 'r-1'];
    const made = counts(
      { a: 2, b: 6 },
      { reads: ['a'], writes: ['r-1'] },
      { reads: ['b', 'r-1'], together },
    );
    expect(made.get('app-r-1')).toBe(6);
  });

  it('gives joined repartition topics the largest number among them', () => {
    const made = counts(
      { a: 2, b: 6 },
      { reads: ['a'], writes: ['r-1'] },
      { reads: ['b'], writes: ['r-2'] },
      { reads: ['r-1', 'r-2'], together: ['r-1', 'r-2'] },
    );
    expect([made.get('app-r-1'), made.get('app-r-2')]).toEqual([6, 6]);
  });

  it('keeps a number that the program has set, and the others follow it', () => {
    const made = counts(
      { a: 2, b: 6 },
      { reads: ['a'], writes: ['r-1'] },
      { reads: ['b'], writes: ['r-2'] },
      { reads: ['r-1', 'r-2'], together: ['r-1', 'r-2'], partitions: { 'r-1': 3 } },
    );
    expect([made.get('app-r-1'), made.get('app-r-2')]).toEqual([3, 3]);
  });

  it('refuses topics that are joined and differ', () => {
    const build = () => counts({ a: 2, b: 6 }, { reads: ['a', 'b'], together: ['a', 'b'] });
    expect(build).toThrow('topics not co-partitioned: a=2, b=6');
  });

  it('refuses a set number that differs from that of the topic it is joined with', () => {
    const shape = { reads: ['b', 'r-1'], together: ['b', 'r-1'], partitions: { 'r-1': 3 } };
    expect(() => counts({ b: 6 }, shape)).toThrow('topics not co-partitioned: app-r-1=3, b=6');
  });

  it('names a source topic that does not exist', () => {
    const shape = { reads: ['r-1'] };
    const made = counts({}, { reads: ['missing'], writes: ['r-1'] }, shape);
    expect(() => made.repartitionTopics()).toThrow('topic app-r-1 does not exist');
  });
});

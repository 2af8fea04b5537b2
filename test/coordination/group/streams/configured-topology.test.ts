import { describe, expect, it } from 'vitest';
import { configureTopology } from '../../../../src/coordination/group/streams/configured-topology.ts';
import { StreamsTopology } from '../../../../src/coordination/group/streams/streams-topology.ts';
import { topicInfo } from '../../../support/told-topology.ts';
import { FakeTopics } from '../harness.ts';
import { subtopology } from '../streams-client.ts';

type Subtopology = ReturnType<typeof subtopology>;

function configured(topics: Record<string, number>, ...subtopologies: Subtopology[]) {
  const view = new FakeTopics();
  for (const [name, partitions] of Object.entries(topics)) view.add(name, partitions);
  return configureTopology(new StreamsTopology({ epoch: 1, subtopologies }), view);
}

const joined = (sourceTopics: number[], repartitionSourceTopics: number[] = []) => {
  return [{ sourceTopics, sourceTopicRegex: [], repartitionSourceTopics }];
};

describe('a topology, held against the topics', () => {
  it('names the source topics that are missing, three of them', () => {
    const { problem, subtopologies } = configured({}, subtopology('0', ['e', 'd', 'c', 'b', 'a']));
    expect(problem).toEqual({
      statusCode: 1,
      statusDetail: 'Source topics a, b, c and 2 additional topics are missing.',
    });
    expect(subtopologies).toBeNull();
  });

  it('has as many tasks as its largest source topic has partitions', () => {
    const found = configured({ one: 2, other: 5 }, subtopology('0', ['one', 'other']));
    expect(found.subtopologies!.get('0')!.taskCount).toBe(5);
    expect(found.problem).toBeNull();
  });

  it('gives a repartition topic the partitions of what its writer reads, over several steps', () => {
    const found = configured(
      { source: 4 },
      subtopology('2', [], { repartitions: ['second'], changelogs: ['store'] }),
      subtopology('1', [], { repartitions: ['first'], repartitionSinkTopics: ['second'] }),
      subtopology('0', ['source'], { repartitionSinkTopics: ['first'] }),
    );
    expect(found.missing.map(({ name, partitions }) => [name, partitions])).toEqual([
      ['first', 4],
      ['second', 4],
      ['store', 4],
    ]);
    expect(found.problem).toMatchObject({ statusCode: 3 });
  });

  it('refuses joined topics of different sizes', () => {
    const { problem } = configured(
      { one: 2, other: 3 },
      subtopology('0', ['one', 'other'], { copartitionGroups: joined([0, 1]) }),
    );
    expect(problem).toEqual({
      statusCode: 2,
      statusDetail:
        'Following topics do not have the same number of partitions: [{one=2, other=3}]',
    });
  });

  it('makes a repartition topic as large as the topic that it is joined with', () => {
    const found = configured(
      { one: 2, large: 6 },
      subtopology('0', ['one'], { repartitionSinkTopics: ['by-key'] }),
      subtopology('1', ['large'], {
        repartitions: ['by-key'],
        copartitionGroups: joined([0], [0]),
      }),
    );
    expect(found.missing).toMatchObject([{ name: 'by-key', partitions: 6 }]);
  });

  it('refuses a repartition topic of fixed size that is joined with another size', () => {
    const { problem } = configured(
      { one: 2 },
      subtopology('0', ['one'], { repartitionSinkTopics: ['by-key'] }),
      subtopology('1', ['one'], {
        repartitionSourceTopics: [topicInfo('by-key', 3)],
        copartitionGroups: joined([0], [0]),
      }),
    );
    expect(problem).toEqual({
      statusCode: 2,
      statusDetail:
        "Number of partitions [3] of repartition topic [by-key] doesn't match number of " +
        'partitions [2] of the source topic.',
    });
  });

  it('refuses an internal topic that is there with another size', () => {
    const { problem } = configured(
      { topic: 2, store: 3 },
      subtopology('0', ['topic'], { changelogs: ['store'] }),
    );
    expect(problem).toEqual({
      statusCode: 2,
      statusDetail: 'Existing topic store has different number of partitions: expected 2, found 3',
    });
  });

  it('refuses what no topics would suit', () => {
    expect(() => configured({}, subtopology('0', [], { repartitions: ['nobody-writes'] }))).toThrow(
      'a repartition source topic is never used as a sink topic',
    );
    expect(() => configured({}, subtopology('0', []))).toThrow('No source topics found');
    expect(() =>
      configured(
        {},
        subtopology('0', [], { repartitions: ['a'], repartitionSinkTopics: ['b'] }),
        subtopology('1', [], { repartitions: ['b'], repartitionSinkTopics: ['a'] }),
      ),
    ).toThrow('There may be loops in the topology');
    expect(() =>
      configured({ one: 1 }, subtopology('0', ['one'], { copartitionGroups: joined([7]) })),
    ).toThrow('names a topic that is not there');
  });
});

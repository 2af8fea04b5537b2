/** Topologies by hand. The names of most tests are those of Kafka's TopologyTest. */
import { describe, expect, it } from 'vitest';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { Topology } from '#millrace/streams/topology/topology';

const passing = () => ({ process: () => undefined });
const store = (name: string) => ({
  kind: 'key-value' as const,
  name,
  logging: true,
  logConfig: {},
  caching: false,
  persistent: false,
  timestamped: false,
  key: text,
  value: text,
});

function withSource(): Topology {
  return new Topology().addSource('source', 'topic-1');
}

describe('a topology by hand refuses', () => {
  it.each<[string, (topology: Topology) => void, RegExp]>([
    [
      'shouldNotAllowZeroTopicsWhenAddingSource',
      (topology) => topology.addSource('other', []),
      /no topics/,
    ],
    [
      'shouldNotAllowToAddSourcesWithSameName',
      (topology) => topology.addSource('source', 'topic-2'),
      /Processor source is already added/,
    ],
    [
      'shouldNotAllowToAddTopicTwice',
      (topology) => topology.addSource('other', 'topic-1'),
      /Topic topic-1 has already been registered by another source/,
    ],
    [
      'testPatternMatchesAlreadyProvidedTopicSource',
      (topology) => topology.addSource('other', /topic.*/),
      /will match a topic that has already been registered/,
    ],
    [
      'testNamedTopicMatchesAlreadyProvidedPattern',
      (topology) => topology.addSource('other', /foo.*/).addSource('third', 'foo-2'),
      /matches a Pattern already registered/,
    ],
    [
      'shouldNotAllowToAddProcessorWithSameName',
      (topology) => topology.addProcessor('source', passing, { parents: ['source'] }),
      /already added/,
    ],
    [
      'shouldNotAllowToAddProcessorWithEmptyParents',
      (topology) => topology.addProcessor('processor', passing, { parents: [] }),
      /has no parents/,
    ],
    [
      'shouldFailOnUnknownSource',
      (topology) => topology.addProcessor('processor', passing, { parents: ['nobody'] }),
      /Parent node nobody is unknown\./,
    ],
    [
      'shouldFailIfNodeIsItsOwnParent',
      (topology) => topology.addProcessor('processor', passing, { parents: ['processor'] }),
      /self-reference/,
    ],
    [
      'shouldFailIfSinkIsParent',
      (topology) => {
        topology.addSink('sink', 'topic-2', { parents: ['source'] });
        topology.addSink('sink-2', 'topic-3', { parents: ['sink'] });
      },
      /Sink sink cannot be used a parent/,
    ],
    [
      'shouldNotAllowToAddStateStoreToNonExistingProcessor',
      (topology) => topology.addStateStore(store('store'), 'nobody'),
      /Processor nobody is not added yet/,
    ],
    [
      'shouldNotAllowToAddStateStoreToSource',
      (topology) => topology.addStateStore(store('store'), 'source'),
      /cannot be connected to a source or a sink/,
    ],
    [
      'shouldNotAllowToAddStoreWithSameNameAndDifferentInstance',
      (topology) => topology.addStateStore(store('store')).addStateStore(store('store')),
      /A different StateStore has already been added as store/,
    ],
    [
      'shouldNotAllowZeroStoreNameWhenConnectingProcessorAndStateStores',
      (topology) => topology.connectProcessorAndStateStores('source'),
      /No stores are named/,
    ],
    [
      'shouldNotAllowToAddGlobalStoreWithSourceNameEqualsProcessorName',
      (topology) =>
        topology.addGlobalStore(store('store'), 'topic-2', passing, {
          source: 'same',
          processor: 'same',
        }),
      /cannot name both/,
    ],
  ])('%s', (_name, build, message) => {
    expect(() => build(withSource())).toThrow(message);
  });
});

describe('a topology by hand is described', () => {
  it('shouldDescribeEmptyTopology', () => {
    expect(new Topology().toString()).toBe('Topologies:\n ');
  });

  it('multipleSourcesShouldHaveDistinctSubtopologies', () => {
    const topology = withSource().addSource('source-2', /any-.*/);
    expect(topology.toString()).toBe(
      [
        'Topologies:',
        '   Sub-topology: 0',
        '    Source: source (topics: [topic-1])',
        '      --> none',
        '',
        '  Sub-topology: 1',
        '    Source: source-2 (topics: any-.*)',
        '      --> none',
        '',
        '',
      ].join('\n'),
    );
  });

  it('processorsWithSharedStateShouldHaveSameSubtopology', () => {
    const shared = store('shared');
    const topology = withSource()
      .addSource('source-2', 'topic-2')
      .addProcessor('one', passing, { parents: ['source'] })
      .addProcessor('two', passing, { parents: ['source-2'] })
      .addStateStore(shared, 'one')
      .connectProcessorAndStateStores('two', 'shared');
    const [only, ...others] = topology.plan().subtopologies;
    expect(others).toEqual([]);
    expect(only?.nodes.map(({ name }) => name)).toEqual(['source', 'source-2', 'one', 'two']);
    expect(only?.stores).toEqual([
      { spec: shared, changelog: { name: 'shared-changelog', internal: true } },
    ]);
  });

  it('shouldDescribeGlobalStoreTopology', () => {
    const topology = withSource().addGlobalStore(store('store'), 'globals', passing, {
      source: 'global-source',
      processor: 'global-processor',
    });
    expect(topology.toString()).toContain(
      [
        '  Sub-topology: 1 for global store (will not generate tasks)',
        '    Source: global-source (topics: [globals])',
        '      --> global-processor',
        '    Processor: global-processor (stores: [store])',
        '      --> none',
        '      <-- global-source',
        '',
      ].join('\n'),
    );
    const [global] = topology.plan().globals;
    expect(global?.store.changelog).toEqual({ name: 'globals', internal: false });
  });

  it('readOnlyStateStoresShouldNotLog', () => {
    const topology = new Topology().addReadOnlyStateStore(store('store'), 'rows', passing, {
      source: 'source',
      processor: 'processor',
    });
    const [{ spec, changelog } = {}] = topology.plan().subtopologies[0]?.stores ?? [];
    expect(spec?.logging).toBe(false);
    expect(changelog).toEqual({ name: 'rows', internal: false });
  });

  it('as a flowchart', () => {
    const topology = withSource()
      .addProcessor('processor', passing, { parents: ['source'] })
      .addStateStore(store('store'), 'processor')
      .addSink('sink', topic('out', { key: text, value: text }), { parents: ['processor'] });
    expect(topology.toMermaid()).toBe(
      [
        'flowchart TD',
        '  subgraph n0["Sub-topology 0"]',
        '    n1["source"]',
        '    n2["processor"]',
        '    n3["sink"]',
        '  end',
        '  n4(["topic-1"])',
        '  n5[("store")]',
        '  n6(["out"])',
        '  n4 --> n1',
        '  n1 --> n2',
        '  n2 --> n3',
        '  n2 <--> n5',
        '  n3 --> n6',
        '',
      ].join('\n'),
    );
  });
});

describe('two versions of a topology are compared', () => {
  const first = () => withSource().addProcessor('one', passing, { parents: ['source'] });

  it('by a description that went through JSON', () => {
    const saved = JSON.parse(JSON.stringify(first()));
    expect(first().compare(saved)).toEqual([]);
  });

  it('and what would be orphaned is named', () => {
    const saved = first().addStateStore(store('old'), 'one').describe();
    const now = new Topology()
      .addSource('new-source', 'topic-0')
      .addSource('source', 'topic-1')
      .addProcessor('one', passing, { parents: ['source'] })
      .addStateStore(store('new'), 'one');
    const found = now.compare(saved).map(({ kind, name }) => [kind, name]);
    expect(found).toEqual([
      ['orphaned-changelog', 'old-changelog'],
      ['new-store', 'new'],
      ['new-source', 'topic-0'],
      ['moved-subtopology', '0'],
    ]);
  });

  it('and a repartition topic with another name is no input that is gone', () => {
    const counted = (name: string) => {
      const builder = new StreamsBuilder();
      const words = builder.stream(topic('words', { key: text, value: text }));
      words.groupBy((word) => word, { as: name, key: text }).count({ as: 'counts' });
      return builder.build();
    };
    const found = counted('new').compare(counted('old').describe());
    expect(found.map(({ kind, name }) => [kind, name])).toEqual([
      ['orphaned-repartition', 'old-repartition'],
      ['new-repartition', 'new-repartition'],
    ]);
  });

  it('and a store of another kind is named', () => {
    const saved = first().addStateStore(store('rows'), 'one').describe();
    const custom = { ...store('rows'), kind: 'custom' as const, build: () => undefined as never };
    const [difference] = first().addStateStore(custom, 'one').compare(saved);
    expect(difference?.text).toBe('The store rows was a key-value store and is a custom store.');
  });
});

import type { DescribedSubtopology, TopologyDescription } from './topology-description.ts';

/** One thing that a new topology does to an application that ran with an older one. */
export interface TopologyDifference {
  /**
   * `orphaned-changelog`, `orphaned-repartition`: the topic stays behind with its data.
   * `changed-store`: the rows of the changelog have another form.
   * `moved-subtopology`: the tasks have other ids, so local state is not found under them.
   * `new-store`, `new-repartition`: begins empty. `new-source`, `lost-source`: inputs.
   */
  readonly kind:
    | 'orphaned-changelog'
    | 'orphaned-repartition'
    | 'changed-store'
    | 'moved-subtopology'
    | 'new-store'
    | 'new-repartition'
    | 'new-source'
    | 'lost-source';
  /** Of the store, topic or sub-topology. */
  readonly name: string;
  /** A sentence for people. */
  readonly text: string;
}

/** What an application loses or leaves behind that ran as `saved` and now starts as `current`. */
export function compareTopologies(
  saved: TopologyDescription,
  current: TopologyDescription,
): TopologyDifference[] {
  return [
    ...compareStores(saved, current),
    ...compareRepartitions(saved, current),
    ...compareSources(saved, current),
    ...compareSubtopologies(saved, current),
  ];
}

function compareStores(
  saved: TopologyDescription,
  current: TopologyDescription,
): TopologyDifference[] {
  const differences: TopologyDifference[] = [];
  const now = new Map(current.stores.map((store) => [store.name, store]));
  const before = new Map(saved.stores.map((store) => [store.name, store]));
  for (const { name, kind, changelog } of saved.stores) {
    const store = now.get(name);
    if (store === undefined) {
      const rows = changelog === undefined ? 'its rows are lost' : `its rows stay in ${changelog}`;
      const text = `The store ${name} is gone; ${rows}.`;
      differences.push({ kind: 'orphaned-changelog', name: changelog ?? name, text });
    } else if (store.kind !== kind) {
      const text = `The store ${name} was a ${kind} store and is a ${store.kind} store.`;
      differences.push({ kind: 'changed-store', name, text });
    } else if (store.changelog !== changelog) {
      const text = `The store ${name} was kept in ${changelog} and is kept in ${store.changelog}.`;
      differences.push({ kind: 'orphaned-changelog', name: changelog ?? name, text });
    }
  }
  for (const { name } of current.stores) {
    if (before.has(name)) continue;
    differences.push({
      kind: 'new-store',
      name,
      text: `The store ${name} is new and begins empty.`,
    });
  }
  return differences;
}

function compareRepartitions(
  saved: TopologyDescription,
  current: TopologyDescription,
): TopologyDifference[] {
  const lost = missing(saved.repartitionTopics, current.repartitionTopics);
  const added = missing(current.repartitionTopics, saved.repartitionTopics);
  return [
    ...lost.map((name) => {
      const text = `Records that still wait in ${name} are not read any more.`;
      return { kind: 'orphaned-repartition' as const, name, text };
    }),
    ...added.map((name) => {
      const text = `The repartition topic ${name} is new.`;
      return { kind: 'new-repartition' as const, name, text };
    }),
  ];
}

function compareSources(
  saved: TopologyDescription,
  current: TopologyDescription,
): TopologyDifference[] {
  const before = inputsOf(saved);
  const now = inputsOf(current);
  return [
    ...missing(before, now).map((name) => {
      return { kind: 'lost-source' as const, name, text: `${name} is not read any more.` };
    }),
    ...missing(now, before).map((name) => {
      const text = `${name} is new; without committed offsets it begins by its reset policy.`;
      return { kind: 'new-source' as const, name, text };
    }),
  ];
}

/** Repartition topics are told of by themselves. */
function inputsOf(description: TopologyDescription): string[] {
  return missing([...sourcesOf(description).keys()], description.repartitionTopics);
}

/** A sub-topology has moved where an input that stayed is now read under another id. */
function compareSubtopologies(
  saved: TopologyDescription,
  current: TopologyDescription,
): TopologyDifference[] {
  const now = sourcesOf(current);
  const moved = new Map<number, number>();
  for (const [topic, id] of sourcesOf(saved)) {
    const newId = now.get(topic);
    if (newId !== undefined && newId !== id) moved.set(id, newId);
  }
  return Array.from(moved, ([id, newId]) => {
    const text = `Sub-topology ${id} is now ${newId}: its tasks have other ids.`;
    return { kind: 'moved-subtopology' as const, name: String(id), text };
  });
}

function sourcesOf({ subtopologies }: TopologyDescription): Map<string, number> {
  const sources = new Map<string, number>();
  for (const subtopology of subtopologies) {
    for (const topic of topicsOf(subtopology)) sources.set(topic, subtopology.id);
  }
  return sources;
}

function topicsOf({ nodes }: DescribedSubtopology): string[] {
  return nodes.flatMap(({ topics, pattern }) => topics ?? (pattern === undefined ? [] : [pattern]));
}

function missing(names: readonly string[], within: readonly string[]): string[] {
  const known = new Set(within);
  return names.filter((name) => !known.has(name));
}

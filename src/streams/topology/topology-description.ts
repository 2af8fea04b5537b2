/** A node as it is described. */
export interface DescribedNode {
  readonly type: 'source' | 'processor' | 'sink';
  readonly name: string;
  /** Of a source; undefined with a pattern. */
  readonly topics?: readonly string[] | undefined;
  /** Of a source that reads by pattern. */
  readonly pattern?: string | undefined;
  /** Of a processor. */
  readonly stores?: readonly string[] | undefined;
  /** Of a sink; undefined where a function chooses the topic of each record. */
  readonly topic?: string | undefined;
  readonly successors: readonly string[];
  readonly predecessors: readonly string[];
}

/** A sub-topology as it is described. */
export interface DescribedSubtopology {
  readonly id: number;
  readonly nodes: readonly DescribedNode[];
}

/** A global store as it is described. */
export interface DescribedGlobalStore {
  readonly id: number;
  readonly source: DescribedNode;
  readonly processor: DescribedNode;
}

/** A store with what it is kept in, by which two versions of a topology are compared. */
export interface DescribedStore {
  readonly name: string;
  readonly kind: string;
  /** Without the application id; undefined without logging. */
  readonly changelog: string | undefined;
}

/** What `describe` gives: plain data, which JSON carries whole. */
export interface TopologyDescription {
  readonly subtopologies: readonly DescribedSubtopology[];
  readonly globalStores: readonly DescribedGlobalStore[];
  readonly stores: readonly DescribedStore[];
  /** Without the application id. */
  readonly repartitionTopics: readonly string[];
}

/** The text of Java's `TopologyDescription.toString()`. */
export function descriptionText(description: TopologyDescription): string {
  const parts = [
    ...description.subtopologies.map((each) => ({ id: each.id, text: subtopologyText(each) })),
    ...description.globalStores.map((each) => ({ id: each.id, text: globalText(each) })),
  ].sort((a, b) => a.id - b.id);
  return `Topologies:\n ${parts.map(({ text }) => `  ${text}`).join('')}`;
}

function subtopologyText({ id, nodes }: DescribedSubtopology): string {
  const lines = nodes.map((node) => `    ${nodeText(node)}\n`);
  return `Sub-topology: ${id}\n${lines.join('')}\n`;
}

function globalText({ id, source, processor }: DescribedGlobalStore): string {
  const head = `Sub-topology: ${id} for global store (will not generate tasks)`;
  return `${head}\n    ${nodeText(source)}\n    ${nodeText(processor)}\n`;
}

function nodeText(node: DescribedNode): string {
  const to = `      --> ${namesText(node.successors)}`;
  const from = `      <-- ${namesText(node.predecessors)}`;
  if (node.type === 'source') {
    const topics = node.topics === undefined ? node.pattern : `[${node.topics.join(', ')}]`;
    return `Source: ${node.name} (topics: ${topics})\n${to}`;
  }
  if (node.type === 'processor') {
    const stores = (node.stores ?? []).join(', ');
    return `Processor: ${node.name} (stores: [${stores}])\n${to}\n${from}`;
  }
  const topic = node.topic === undefined ? 'extractor class: function' : `topic: ${node.topic}`;
  return `Sink: ${node.name} (${topic})\n${from}`;
}

function namesText(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}

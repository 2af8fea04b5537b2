import type { DescribedNode, TopologyDescription } from './topology-description.ts';

/** The topology as a Mermaid flowchart: topics, nodes by sub-topology, stores. */
export function mermaidText(description: TopologyDescription): string {
  const chart = new Chart();
  for (const { id, nodes } of description.subtopologies)
    chart.addGroup(`Sub-topology ${id}`, nodes);
  for (const { id, source, processor } of description.globalStores) {
    chart.addGroup(`Global store ${id}`, [source, processor]);
  }
  return chart.text();
}

class Chart {
  readonly #lines: string[] = ['flowchart TD'];
  readonly #edges: string[] = [];
  readonly #ids = new Map<string, string>();

  addGroup(title: string, nodes: readonly DescribedNode[]): void {
    this.#lines.push(`  subgraph ${this.#id(`group ${title}`)}["${title}"]`);
    for (const node of nodes)
      this.#lines.push(`    ${this.#id(`node ${node.name}`)}["${node.name}"]`);
    this.#lines.push('  end');
    for (const node of nodes) this.#connect(node);
  }

  text(): string {
    return `${[...this.#lines, ...this.#edges].join('\n')}\n`;
  }

  #connect(node: DescribedNode): void {
    const own = this.#id(`node ${node.name}`);
    for (const topic of node.topics ?? []) this.#edges.push(`  ${this.#topic(topic)} --> ${own}`);
    if (node.pattern !== undefined) {
      this.#edges.push(`  ${this.#topic(`/${node.pattern}/`)} --> ${own}`);
    }
    for (const next of node.successors) {
      this.#edges.push(`  ${own} --> ${this.#id(`node ${next}`)}`);
    }
    for (const store of node.stores ?? []) {
      this.#edges.push(`  ${own} <--> ${this.#shape('store', store, '[("', '")]')}`);
    }
    if (node.type !== 'sink') return;
    this.#edges.push(`  ${own} --> ${this.#topic(node.topic ?? 'chosen by a function')}`);
  }

  #topic(name: string): string {
    return this.#shape('topic', name, '(["', '"])');
  }

  #shape(kind: string, name: string, open: string, close: string): string {
    const isKnown = this.#ids.has(`${kind} ${name}`);
    const id = this.#id(`${kind} ${name}`);
    if (!isKnown) this.#lines.push(`  ${id}${open}${name.replaceAll('"', '#quot;')}${close}`);
    return id;
  }

  #id(what: string): string {
    const known = this.#ids.get(what);
    if (known !== undefined) return known;
    const id = `n${this.#ids.size}`;
    this.#ids.set(what, id);
    return id;
  }
}

type Labels = Readonly<Record<string, string | number>>;

/**
 * Builds a page in Prometheus' text format. Each metric is one block that begins with its help and
 * type.
 */
export class MetricsText {
  #text = '';

  metric(name: string, type: 'gauge' | 'counter' | 'summary', help: string): this {
    this.#text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    return this;
  }

  sample(name: string, labels: Labels, value: number): this {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(String(text))}"`);
    const block = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
    this.#text += `${name}${block} ${value}\n`;
    return this;
  }

  toString(): string {
    return this.#text;
  }
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

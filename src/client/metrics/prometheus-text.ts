import type { MeasuredMetric } from './client-metrics.ts';

const DASHES = /-/g;
const GROUP_END = /-metrics$/;
const ESCAPED = /[\\"\n]/g;

/** Families in the order in which they come first, each with its type and help. */
export function prometheusText(metrics: readonly MeasuredMetric[]): string {
  const families = new Map<string, string[]>();
  for (const metric of metrics) {
    if (Number.isNaN(metric.value)) continue;
    const family = familyOf(metric);
    let lines = families.get(family);
    if (lines === undefined) {
      const type = metric.kind === 'sum' ? 'counter' : 'gauge';
      const help = metric.description.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
      lines = [`# HELP ${family} ${help}`, `# TYPE ${family} ${type}`];
      families.set(family, lines);
    }
    lines.push(`${family}${labelsOf(metric.tags)} ${valueText(metric.value)}`);
  }
  return Array.from(families.values(), (lines) => `${lines.join('\n')}\n`).join('');
}

/**
 * `kafka_producer_topic_record_send_rate`. Where Kafka has metrics of the client and of its topics
 * in one group, the scope stands in the name: sums over a family must not count anything twice.
 */
function familyOf({ group, scope, name }: MeasuredMetric): string {
  const base = group.replace(GROUP_END, '');
  const isNamed = scope === 'client' || base.endsWith(`-${scope}`);
  const parts = isNamed ? [base, name] : [base, scope, name];
  return `kafka_${parts.join('_').replace(DASHES, '_')}`;
}

function labelsOf(tags: Readonly<Record<string, string>>): string {
  const labels = Object.entries(tags).map(([name, value]) => {
    const text = value.replace(ESCAPED, (each) => (each === '\n' ? '\\n' : `\\${each}`));
    return `${name.replace(DASHES, '_')}="${text}"`;
  });
  return `{${labels.join(',')}}`;
}

function valueText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

import type { MeasuredMetric } from '../../../client/metrics/client-metrics.ts';

const STREAMS_GROUP = 'stream-metrics';

/**
 * The metrics of all threads as one list. Those of the application as a whole are in it once, with
 * the values `ofAll`, by name.
 */
export function joinMetrics(
  lists: readonly MeasuredMetric[][],
  ofAll: Readonly<Record<string, number>>,
): MeasuredMetric[] {
  const isOfAll = ({ scope, group }: MeasuredMetric) => {
    return scope === 'client' && group === STREAMS_GROUP;
  };
  const [first = [], ...others] = lists;
  const joined = [...first, ...others.flatMap((list) => list.filter((each) => !isOfAll(each)))];
  return joined.map((metric) => {
    const value = metric.group === STREAMS_GROUP ? ofAll[metric.name] : undefined;
    return value === undefined ? metric : { ...metric, value };
  });
}

import { TopologyError } from '../../topology/topology-error.ts';
import type { TimestampExtractor } from '../../topology/topology-plan.ts';

/** The record's own timestamp. A record without one cannot come from a repartition topic. */
export const failOnInvalidTimestamp: TimestampExtractor = ({
  timestamp,
  topic,
  partition,
  offset,
}) => {
  if (timestamp >= 0) return timestamp;
  throw new TopologyError(
    `Record ${offset} of ${topic}-${partition} has the invalid timestamp ${timestamp}.`,
  );
};

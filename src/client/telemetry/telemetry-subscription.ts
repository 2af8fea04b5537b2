import type { API } from '../../protocol/api-keys.ts';
import type { ResponseOf } from '../../protocol/api-registry.ts';

/** Which metrics the brokers want, how often and how. */
export interface Subscription {
  readonly instanceId: string;
  readonly id: number;
  readonly intervalMs: number;
  /** Accepted codecs, the preferred one first. */
  readonly codecs: readonly number[];
  readonly maxBytes: number;
  /** Whether sums are told as what came since the last push. */
  readonly isDelta: boolean;
  readonly hasMetrics: boolean;
  wants(name: string): boolean;
}

const ALL = '*';

export function subscriptionOf(
  answer: ResponseOf<typeof API.GET_TELEMETRY_SUBSCRIPTIONS>,
  defaultIntervalMs: number,
): Subscription {
  const { requestedMetrics: prefixes, pushIntervalMs } = answer;
  const wantsAll = prefixes.includes(ALL);
  return {
    instanceId: answer.clientInstanceId,
    id: answer.subscriptionId,
    intervalMs: pushIntervalMs > 0 ? pushIntervalMs : defaultIntervalMs,
    codecs: answer.acceptedCompressionTypes,
    maxBytes: answer.telemetryMaxBytes,
    isDelta: answer.deltaTemporality,
    hasMetrics: prefixes.length > 0,
    wants: (name) => wantsAll || prefixes.some((prefix) => name.startsWith(prefix)),
  };
}

import type { CleaningMetrics } from '../../front/metrics/cleaning-metrics.ts';
import type { MetricsText } from './metrics-text.ts';

const PREFIX = 'millrace_log_cleaner';
const MS_PER_SECOND = 1000;

/** The figures of compaction. The help of each names the metric of Kafka that it stands for. */
const FIGURES = [
  ['runs_total', 'counter', 'Cleanings that ended well.', (m) => m.cleanings],
  [
    'failures_total',
    'counter',
    'Cleanings that failed, those whose helper thread died with them (DeadThreadCount).',
    (m) => m.failures,
  ],
  ['read_bytes_total', 'counter', 'Bytes that cleanings read.', (m) => m.bytesRead],
  ['written_bytes_total', 'counter', 'Bytes that they kept.', (m) => m.bytesWritten],
  [
    'recopy_percent',
    'gauge',
    'Bytes that the last cleaning kept of those that it read (cleaner-recopy-percent).',
    ({ last }) => (last === null ? 0 : percent(last.bytesWritten / Math.max(1, last.bytesRead))),
  ],
  [
    'buffer_utilization_percent',
    'gauge',
    'Of log.cleaner.dedupe.buffer.size, in the last cleaning (max-buffer-utilization-percent).',
    ({ last }) => percent(last?.mapUtilization ?? 0),
  ],
  [
    'clean_seconds',
    'gauge',
    'Time that the last cleaning took (max-clean-time-secs).',
    ({ last }) => (last?.elapsedMs ?? 0) / MS_PER_SECOND,
  ],
  [
    'max_dirty_percent',
    'gauge',
    'Of the dirtiest log, what is not cleaned yet and may be (max-dirty-percent).',
    (m) => percent(m.dirtyRatioMax),
  ],
  [
    'max_compaction_delay_seconds',
    'gauge',
    'Time for which a record is kept beyond max.compaction.lag.ms (max-compaction-delay-secs).',
    (m) => m.overdueMsMax / MS_PER_SECOND,
  ],
  [
    'seconds_since_last_run',
    'gauge',
    'Time since the cleaner last looked for work (time-since-last-run-ms).',
    (m, nowMs) => (nowMs - m.lookedMs) / MS_PER_SECOND,
  ],
  [
    'uncleanable_partitions',
    'gauge',
    'Partitions whose last cleaning failed (uncleanable-partitions-count).',
    (m) => m.uncleanableCount,
  ],
  [
    'uncleanable_bytes',
    'gauge',
    'What is not cleaned yet of these partitions (uncleanable-bytes).',
    (m) => m.uncleanableBytes,
  ],
] as const satisfies readonly (readonly [
  string,
  'gauge' | 'counter',
  string,
  (metrics: CleaningMetrics, nowMs: number) => number,
])[];

function percent(ratio: number): number {
  return Math.floor(100 * ratio);
}

export function cleaningMetrics(text: MetricsText, metrics: CleaningMetrics, nowMs: number): void {
  for (const [name, type, help, figureOf] of FIGURES) {
    const full = `${PREFIX}_${name}`;
    text.metric(full, type, help).sample(full, {}, figureOf(metrics, nowMs));
  }
}

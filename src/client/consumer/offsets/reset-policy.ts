import { KafkaError } from '../../errors/kafka-error.ts';

/** Where ListOffsets is asked for the ends of a partition instead of a time. */
export const END = { LATEST: -1, EARLIEST: -2 } as const;

const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const BY_DURATION = 'by_duration:';

/** Of an ISO-8601 duration of days and less. */
function millisecondsOf(duration: string): number {
  const match = DURATION.exec(duration);
  const parts = match?.slice(1).map((part) => (part === undefined ? 0 : Number(part)));
  const hasPart = match?.slice(1).some((part) => part !== undefined) === true;
  if (parts === undefined || !hasPart) {
    const what = `option 'autoOffsetReset': '${duration}' is no duration like PT1H`;
    throw new KafkaError('BAD_ARGUMENT', what);
  }
  const [days, hours, minutes, seconds] = parts as [number, number, number, number];
  return Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000);
}

/** Which time to ask ListOffsets for, at the given time of the clock; null for `none`. */
export type ResetPolicy = ((nowMs: number, topic: string) => number | null) | null;

export function resetPolicy(autoOffsetReset: string): ResetPolicy {
  if (autoOffsetReset === 'none') return null;
  if (autoOffsetReset === 'earliest') return () => END.EARLIEST;
  if (autoOffsetReset === 'latest') return () => END.LATEST;
  if (autoOffsetReset.startsWith(BY_DURATION)) {
    const agoMs = millisecondsOf(autoOffsetReset.slice(BY_DURATION.length));
    return (nowMs) => nowMs - agoMs;
  }
  const known = `earliest, latest, none or by_duration:PT1H`;
  const what = `option 'autoOffsetReset': expected ${known}, got '${autoOffsetReset}'`;
  throw new KafkaError('BAD_ARGUMENT', what);
}

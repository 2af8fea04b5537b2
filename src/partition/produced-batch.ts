import type { LogSettings } from '../base/log-settings.ts';
import {
  INVALID_RECORD,
  INVALID_TIMESTAMP,
  validateProducedBatch,
} from '../records/batch-validator.ts';
import { checkRecords } from '../records/record-walker.ts';
import { checkTimestamps, hasTimesOutside } from '../records/timestamp-policy.ts';

/** Why a produced batch may not be stored, whatever the log holds: 0, or the wire error. */
export function errorOfProduced(
  memory: Buffer,
  at: number,
  length: number,
  version: number,
  settings: LogSettings,
  wallMs: number,
): number {
  const { compact, maxMessageBytes, timestampBeforeMaxMs, timestampAfterMaxMs } = settings;
  const invalid = validateProducedBatch(memory, at, length, version, maxMessageBytes);
  if (invalid !== 0) return invalid;
  if (settings.logAppendTime) {
    return checkRecords(memory, at, length, compact) ? 0 : INVALID_RECORD;
  }
  const earliestMs = wallMs - timestampBeforeMaxMs;
  const latestMs = wallMs + timestampAfterMaxMs;
  if (!checkRecords(memory, at, length, compact, earliestMs, latestMs)) {
    if (!checkRecords(memory, at, length, compact)) return INVALID_RECORD;
    // A record without a time may lie in a batch of others that have one.
    if (hasTimesOutside(memory, at, wallMs, timestampBeforeMaxMs, timestampAfterMaxMs)) {
      return INVALID_TIMESTAMP;
    }
  }
  return checkTimestamps(memory, at, wallMs, timestampBeforeMaxMs, timestampAfterMaxMs);
}

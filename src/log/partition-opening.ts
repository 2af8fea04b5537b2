/** From a directory to a log: made if it is not there, tidied, checked or recovered. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { MillraceError } from '../base/errors.ts';
import type { LogSettings } from '../base/log-settings.ts';
import type { Logger } from '../base/logger.ts';
import { BATCH_HEADER_SIZE, baseOffset, partitionLeaderEpoch } from '../records/batch-layout.ts';
import { INDEX_SUFFIX, LOG_SUFFIX, segmentPath, TIME_INDEX_SUFFIX } from './file-names.ts';
import type { LeaderEpochs } from './leader-epochs.ts';
import { loadSegments, segmentBases, tidyDirectory } from './log-loader.ts';
import { identityPath, readIdentity } from './partition-identity.ts';
import { rebuildProducers } from './producer-replay.ts';
import type { ProducerState } from './producer-state.ts';
import { removeSegmentFiles } from './retention.ts';
import { emptySegmentFacts, type SegmentFacts } from './segment.ts';
import { readBytes, storage } from './storage.ts';

export interface OpeningOptions {
  readonly directory: string;
  readonly topicId: string;
  readonly settings: LogSettings;
  readonly logStartOffset: number;
  readonly recoveryPoint: number;
  readonly hasReplicas?: boolean;
  readonly wallMs: number;
  readonly logger: Logger;
}

export interface OpenedPartition {
  readonly segments: readonly SegmentFacts[];
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly nextEpoch: number;
  readonly recoveryPoint: number;
  /** Base offset of the newest segment whose directory entry may not be on the disk, or -1. */
  readonly newestUnsynced: number;
  /** It was not there before. */
  readonly isNew: boolean;
}

export function openPartition(
  options: OpeningOptions,
  producers: ProducerState,
  epochs: LeaderEpochs,
): OpenedPartition {
  const { directory, wallMs, logger } = options;
  const created = !checkTopicId(options);
  if (created) makePartition(options);
  tidyDirectory(directory);
  // Checkpoints of a partition that is being created belong to a deleted topic of the same name.
  const startOffset = created ? 0 : options.logStartOffset;
  const recoveryPoint = created ? 0 : options.recoveryPoint;
  const { indexIntervalBytes, compact, groupCommit: syncLast } = options.settings;
  const { hasReplicas = false } = options;
  const rules = { indexIntervalBytes, syncLast, compact, hasReplicas };
  const place = { directory, recoveryPoint, ...rules, logger };
  const loaded = loadSegments(place);
  epochs.load();
  const segments = loaded.segments;
  // What recovery synced survives a power loss only if the directory's entries do. A process that
  // was killed may not have synced those.
  if (loaded.syncedTo > 0) syncEntries(directory);
  let logEndOffset = loaded.logEndOffset;
  const newestEpoch = Math.max(epochs.latest, epochOfNewest(directory, segments));
  if (segments.length === 0 || logEndOffset < startOffset) {
    for (const { baseOffset } of segments) removeSegmentFiles(directory, baseOffset);
    logEndOffset = startOffset;
    segments.length = 0;
    segments.push(emptySegmentFacts(logEndOffset, wallMs));
    makeSegmentFiles(directory, logEndOffset);
  }
  epochs.truncateFrom(logEndOffset);
  if (loaded.recovered || epochs.count === 0) restoreFirstEpoch(directory, segments, epochs);
  rebuildProducers(directory, segments, producers, logEndOffset, wallMs, loaded.scannedFrom);
  if (loaded.recovered) {
    logger.info(`recovery: ${directory}: log end offset ${logEndOffset}`);
  }
  return {
    segments,
    logStartOffset: Math.max(startOffset, segments[0]!.baseOffset),
    logEndOffset,
    // Clients that read what a crash took must find out, even where the file does not show the
    // loss.
    nextEpoch: Math.max(newestEpoch + (loaded.recovered ? 1 : 0), 0),
    recoveryPoint: Math.min(Math.max(recoveryPoint, loaded.syncedTo), logEndOffset),
    newestUnsynced: newestUnsynced(segments, recoveryPoint),
    isNew: created,
  };
}

function syncEntries(directory: string): void {
  storage.syncDirectory(directory);
  storage.syncDirectory(dirname(directory));
}

/**
 * Segments that begin below the recovery point were synced by an earlier process, entries included.
 */
function newestUnsynced(segments: readonly SegmentFacts[], recoveryPoint: number): number {
  const newest = segments.at(-1)!.baseOffset;
  return newest >= recoveryPoint ? newest : -1;
}

function makePartition(options: OpeningOptions): void {
  storage.makeDirectory(options.directory);
  writeIdentity(options);
}

/** The file is not synced, so a power loss may leave it empty: see checkTopicId. */
function writeIdentity(options: OpeningOptions): void {
  const text = `version: 0\ntopic_id: ${options.topicId}\n`;
  const fd = storage.open(identityPath(options.directory), 'w+');
  try {
    storage.write(fd, Buffer.from(text), 0);
  } finally {
    storage.close(fd);
  }
}

/** The three files of a segment, empty. */
function makeSegmentFiles(directory: string, baseOffset: number): void {
  for (const suffix of [LOG_SUFFIX, INDEX_SUFFIX, TIME_INDEX_SUFFIX]) {
    storage.close(storage.open(segmentPath(directory, baseOffset, suffix), 'w+'));
  }
}

/**
 * Whether the partition is there. A directory of another topic of the same name must not be taken
 * for it, and one without an identity file was half deleted: both are left as they are. A power
 * loss soon after the creation leaves an identity file that is empty.
 */
function checkTopicId(options: OpeningOptions): boolean {
  const { directory, topicId } = options;
  const identity = readIdentity(directory);
  const found = identity.topicId;
  if (found === topicId) return true;
  if (found !== '') {
    throw new MillraceError(
      'MILLRACE_DATA_DIR',
      `${directory} belongs to topic id ${found}, expected ${topicId}`,
    );
  }
  if (existsSync(directory) && segmentBases(directory).length > 0) {
    const path = identityPath(directory);
    if (identity.isBlank) {
      options.logger.warn(`${path} is empty, as a power loss leaves it: written again`);
      writeIdentity(options);
      return true;
    }
    throw new MillraceError('MILLRACE_DATA_DIR', `${path} is missing or has no topic_id`);
  }
  return false;
}

/**
 * The file of a log with a single epoch is not synced, so a power loss may take it, or leave an
 * older one. A follower that does not know its epoch keeps what its leader does not have.
 */
function restoreFirstEpoch(
  directory: string,
  segments: readonly SegmentFacts[],
  epochs: LeaderEpochs,
): void {
  const first = segments.find((segment) => segment.sizeBytes > 0);
  if (first === undefined || epochs.count > 1) return;
  const path = segmentPath(directory, first.baseOffset, LOG_SUFFIX);
  const header = readBytes(path, 0, BATCH_HEADER_SIZE);
  epochs.assign(partitionLeaderEpoch(header, 0), baseOffset(header, 0));
}

/** The first batch of the last segment that has one carries an epoch that was in use. */
function epochOfNewest(directory: string, segments: readonly SegmentFacts[]): number {
  const newest = segments.findLast((segment) => segment.sizeBytes > 0);
  if (newest === undefined) return -1;
  const path = segmentPath(directory, newest.baseOffset, LOG_SUFFIX);
  return partitionLeaderEpoch(readBytes(path, 0, BATCH_HEADER_SIZE), 0);
}

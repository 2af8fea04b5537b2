import { MillraceError, reasonOf, systemCodeOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { ImageDraft } from './image-draft.ts';
import type { MetadataFiles } from './metadata-files.ts';
import {
  FORMAT_VERSION,
  followedByFrame,
  HEADER_BYTES,
  scanFrames,
  versionOf,
} from './metadata-frames.ts';
import { type Generations, generationsOf, logPath, snapshotPath } from './metadata-paths.ts';
import { readSnapshot } from './metadata-snapshot.ts';
import type { MetadataRecord } from './records.ts';

export interface Recovered {
  readonly image: ImageDraft;
  /** Of the log that takes further commits; -1 where there is no log yet. */
  readonly generation: number;
  /** Sound bytes of that log; 0 where its header has to be written again. */
  readonly soundBytes: number;
  /** Bytes of all logs that were read on top of the snapshot. */
  readonly replayedBytes: number;
  /** Of the snapshot that it began from; -1 for none. */
  readonly snapshot: number;
  readonly generations: Generations;
  /** Logs that end in a torn frame, with the length to cut them to. */
  readonly cuts: readonly { readonly generation: number; readonly soundBytes: number }[];
}

/** Reads everything and changes nothing: whatever is refused stays as it is. */
export async function recover(
  files: MetadataFiles,
  directory: string,
  logger: Logger,
): Promise<Recovered> {
  const generations = generationsOf(await listOrNothing(files, directory));
  const { logs, snapshots } = generations;
  const base = await loadBase(files, directory, generations, logger);
  const first = Math.max(base.generation, 0);
  const last = logs.at(-1) ?? -1;
  if (last === -1 && snapshots.length > 0) throw refused(directory, 'its logs are missing');
  const cuts: { generation: number; soundBytes: number }[] = [];
  let soundBytes = 0;
  let replayedBytes = 0;
  for (let generation = first; generation <= last; generation++) {
    if (!logs.includes(generation)) throw refused(directory, `log ${generation} is missing`);
    const path = logPath(directory, generation);
    const bytes = await files.read(path);
    soundBytes = replayLog(bytes, path, base.image);
    if (soundBytes > HEADER_BYTES && cuts.length > 0) {
      // Commits went on after the torn end, so what was lost there had been acknowledged.
      throw refused(directory, `log ${cuts[0]!.generation} is cut off before its end`);
    }
    if (soundBytes < bytes.length) {
      cuts.push({ generation, soundBytes });
      const dropped = bytes.length - soundBytes;
      logger.warn(`${path}: dropped ${dropped} bytes of a change that was never acknowledged`);
    }
    replayedBytes += soundBytes;
  }
  return {
    image: base.image,
    generation: last,
    soundBytes,
    replayedBytes,
    snapshot: base.generation,
    generations,
    cuts,
  };
}

/** The names in a directory, none where it does not exist yet. */
export async function listOrNothing(files: MetadataFiles, directory: string): Promise<string[]> {
  try {
    return await files.list(directory);
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}

/** The newest sound snapshot, or nothing where the first log is still there. */
async function loadBase(
  files: MetadataFiles,
  directory: string,
  { logs, snapshots }: Generations,
  logger: Logger,
): Promise<{ image: ImageDraft; generation: number }> {
  for (const generation of snapshots.toReversed()) {
    const path = snapshotPath(directory, generation);
    const bytes = await files.read(path);
    refuseNewer(bytes, path);
    try {
      return { image: readSnapshot(bytes, path), generation };
    } catch (thrown) {
      logger.error(`${reasonOf(thrown)}; falling back to what was before it`);
    }
  }
  const untouched = logs.length === 0 && snapshots.length === 0;
  if (untouched || logs[0] === 0) return { image: ImageDraft.empty(), generation: -1 };
  throw refused(directory, 'none of its snapshots is sound and the first log is gone');
}

/** Applies the sound frames of a log and answers how many bytes they end at. */
function replayLog(bytes: Buffer, path: string, image: ImageDraft): number {
  refuseNewer(bytes, path);
  if (versionOf(bytes) === -1) {
    // A log whose creation was cut off holds nothing; one that holds frames lost its header.
    if (!followedByFrame(bytes, 0)) return 0;
    throw new MillraceError('MILLRACE_CORRUPT', `${path}: its header is damaged`);
  }
  const { soundBytes, damagedAt } = scanFrames(bytes, (record) =>
    image.apply(record as MetadataRecord),
  );
  if (damagedAt === -1) return soundBytes;
  const message = `${path}: damaged at byte ${damagedAt}, with sound changes after it`;
  throw new MillraceError('MILLRACE_CORRUPT', message);
}

function refuseNewer(bytes: Buffer, path: string): void {
  const version = versionOf(bytes);
  if (version <= FORMAT_VERSION) return;
  const message =
    `${path} has format ${version}, written by a newer millrace; ` +
    `this one reads up to format ${FORMAT_VERSION}`;
  throw new MillraceError('MILLRACE_DATA_DIR', message);
}

function refused(directory: string, why: string): MillraceError {
  return new MillraceError('MILLRACE_CORRUPT', `${directory}: ${why}; nothing was changed`);
}

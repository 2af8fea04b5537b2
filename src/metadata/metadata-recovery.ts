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
  /** The generation of the log that takes further commits, or -1 when there is no log. */
  readonly generation: number;
  /** How many bytes of that log are valid. With 0 its header must be written again. */
  readonly soundBytes: number;
  /** Bytes of the logs that were read after the snapshot. */
  readonly replayedBytes: number;
  /** The generation of the snapshot that was read, or -1. */
  readonly snapshot: number;
  readonly generations: Generations;
  /** Logs that end in a torn frame, with the length to cut them to. */
  readonly cuts: readonly { readonly generation: number; readonly soundBytes: number }[];
}

/** Reads the whole directory and changes nothing, so a refused one stays as it is. */
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
      // Commits followed the torn end, so an acknowledged commit was lost there.
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

/** The names in a directory; none when it does not exist. */
export async function listOrNothing(files: MetadataFiles, directory: string): Promise<string[]> {
  try {
    return await files.list(directory);
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}

/** The image of the newest valid snapshot, or an empty image when the first log still exists. */
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

/** Applies the valid frames of a log and returns where the last one ends. */
function replayLog(bytes: Buffer, path: string, image: ImageDraft): number {
  refuseNewer(bytes, path);
  if (versionOf(bytes) === -1) {
    // A log whose creation was interrupted is empty. A log with frames has a damaged header.
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

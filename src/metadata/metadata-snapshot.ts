import { MillraceError } from '../base/errors.ts';
import { failPoint } from '../base/fail-point.ts';
import type { MetadataImage } from './image.ts';
import { ImageDraft } from './image-draft.ts';
import { recordsOf } from './image-records.ts';
import type { MetadataFile, MetadataFiles } from './metadata-files.ts';
import { encodeFrame, encodeHeader, scanFrames, versionOf } from './metadata-frames.ts';
import type { MetadataRecord } from './records.ts';

/** How many records a frame takes. More would block the thread for too long. */
const RECORDS_PER_FRAME = 200;

interface EndRecord {
  readonly type: 'end';
  readonly records: number;
}

/** Writes a temporary file, syncs and renames it, so that a snapshot is never incomplete. */
export async function writeSnapshot(
  files: MetadataFiles,
  directory: string,
  path: string,
  image: MetadataImage,
): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await files.open(temporary, 'w');
  try {
    await writeRecords(file, image);
    await file.sync();
  } finally {
    await file.close();
  }
  if (failPoint !== null) failPoint('snapshot-before-rename');
  await files.rename(temporary, path);
  await files.syncDirectory(directory);
}

async function writeRecords(file: MetadataFile, image: MetadataImage): Promise<void> {
  let at = 0;
  let count = 0;
  let frame: (MetadataRecord | EndRecord)[] = [];
  const write = async (bytes: Buffer) => {
    await file.write(bytes, at);
    at += bytes.length;
  };
  await write(encodeHeader());
  for (const record of recordsOf(image)) {
    frame.push(record);
    count++;
    if (frame.length < RECORDS_PER_FRAME) continue;
    await write(encodeFrame(frame));
    frame = [];
  }
  frame.push({ type: 'end', records: count });
  await write(encodeFrame(frame));
}

/** Throws MILLRACE_CORRUPT when any byte is damaged. */
export function readSnapshot(bytes: Buffer, path: string): ImageDraft {
  const damaged = (why: string) => new MillraceError('MILLRACE_CORRUPT', `${path}: ${why}`);
  if (versionOf(bytes) === -1) throw damaged('its header is damaged');
  const image = ImageDraft.empty();
  let count = 0;
  let expected = -1;
  const { soundBytes } = scanFrames(bytes, (value) => {
    const record = value as MetadataRecord | EndRecord;
    if (record.type === 'end') expected = record.records;
    else {
      image.apply(record);
      count++;
    }
  });
  if (soundBytes !== bytes.length) throw damaged(`it is damaged at byte ${soundBytes}`);
  if (expected !== count) throw damaged('its end is missing');
  return image;
}

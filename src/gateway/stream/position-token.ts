import { CommandError } from '../command/command-error.ts';
import { isObject } from '../command/fields.ts';
import type { Position } from './position.ts';

const TOKEN_VERSION = 1;
const POSITIONS_MAX = 100_000;
const EPOCH_MAX = 2 ** 31 - 1;
const STREAM_LENGTH_MAX = 40;

export interface TokenContent {
  readonly positions: readonly Position[];
  /** '' in tokens that a client made itself. */
  readonly stream: string;
}

/**
 * Writes positions as one string: base64url of
 * `{"v":1,"p":[[topic,topicId,partition,offset,epoch],…],"s":stream}`.
 */
export function encodeToken(positions: readonly Position[], stream: string): string {
  const p = positions.map((at) => [at.topic, at.topicId, at.partition, at.offset, at.epoch]);
  return Buffer.from(JSON.stringify({ v: TOKEN_VERSION, p, s: stream })).toString('base64url');
}

export function decodeToken(token: string, path: string): TokenContent {
  const content = contentOf(token, path);
  if (!isObject(content) || content.v !== TOKEN_VERSION || !Array.isArray(content.p)) {
    throw badToken(path);
  }
  const rows: readonly unknown[] = content.p;
  if (rows.length > POSITIONS_MAX) throw badToken(path);
  const { s: stream = '' } = content;
  if (typeof stream !== 'string' || stream.length > STREAM_LENGTH_MAX) throw badToken(path);
  return { positions: rows.map((row) => positionOf(row, path)), stream };
}

function contentOf(token: string, path: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    throw badToken(path);
  }
}

function positionOf(row: unknown, path: string): Position {
  if (!Array.isArray(row)) throw badToken(path);
  const [topic, topicId, partition, offset, epoch] = row as unknown[];
  if (typeof topic !== 'string' || typeof topicId !== 'string') throw badToken(path);
  if (!isWithin(partition, 0, EPOCH_MAX) || !isWithin(epoch, -1, EPOCH_MAX)) throw badToken(path);
  if (!isWithin(offset, 0, Number.MAX_SAFE_INTEGER)) throw badToken(path);
  return { topic, topicId, partition, offset, epoch };
}

function isWithin(value: unknown, min: number, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}

function badToken(path: string): CommandError {
  return new CommandError('bad_token', `${path} is not a resume token of this broker`, path);
}

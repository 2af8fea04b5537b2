import { MillraceError, reasonOf } from '../../base/errors.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { wantsJson, writeJson, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';

/** A partition whose last stable offset an open transaction holds, as `GET /transactions` says. */
interface HeldPartition {
  readonly topic: string;
  readonly partition: number;
  readonly lastStableOffset: number;
  readonly highWatermark: number;
  readonly producerId: number;
  readonly sinceMs: number | null;
  readonly writer: {
    readonly transactionalId: string;
    readonly clientId: string;
    readonly address: string;
  } | null;
}

const DEFAULT_URL = 'http://127.0.0.1:9080';

const COLUMNS: readonly TableColumn<HeldPartition>[] = [
  { title: 'Topic', value: ({ topic }) => topic },
  { title: 'Partition', value: ({ partition }) => partition },
  { title: 'LastStableOffset', value: ({ lastStableOffset }) => lastStableOffset },
  { title: 'HighWatermark', value: ({ highWatermark }) => highWatermark },
  { title: 'Since', value: ({ sinceMs }) => momentText(sinceMs) },
  { title: 'TransactionalId', value: ({ writer }) => writer?.transactionalId ?? null },
  { title: 'ProducerId', value: ({ producerId }) => producerId },
  { title: 'ClientId', value: ({ writer }) => writer?.clientId ?? null },
  { title: 'Address', value: ({ writer }) => writer?.address ?? null },
];

function momentText(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/**
 * Kafka's protocol does not tell whose a transaction is, so this command asks millrace's HTTP
 * listener.
 */
export async function showHeldPartitions(given: CommandArguments): Promise<number> {
  const isJson = wantsJson(given);
  const held = await askFor(given.text('http-url') ?? DEFAULT_URL);
  if (isJson) await writeJson(held);
  else await writeTable(COLUMNS, held);
  return 0;
}

async function askFor(url: string): Promise<HeldPartition[]> {
  try {
    const response = await fetch(new URL('/transactions', url));
    if (!response.ok) throw new Error(`it answers ${response.status}`);
    const { held } = (await response.json()) as { held: HeldPartition[] };
    return held;
  } catch (thrown) {
    throw new MillraceError('MILLRACE_CONNECTION', `cannot ask ${url}: ${reasonOf(thrown)}`);
  }
}

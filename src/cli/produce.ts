import { MillraceError } from '../base/errors.ts';
import { required } from '../client/admin/outcome.ts';
import { RecordSender } from '../client/record-sender.ts';
import { BatchBuilder, type BatchOptions } from '../records/batch-builder.ts';
import { CODEC, CODEC_NAMES, codecIdOf } from '../records/codec-ids.ts';
import { partitionForKey } from '../records/key-partitioner.ts';
import type { RecordHeader } from '../records/record-iterator.ts';
import type { CommandArguments } from './command-arguments.ts';
import { readLines } from './line-reader.ts';
import { remark } from './output.ts';
import { UsageError } from './usage-error.ts';
import { withAdmin } from './with-admin.ts';
import { withCluster } from './with-cluster.ts';

interface Line {
  readonly key: Buffer | null;
  readonly value: Buffer;
}

interface Plan {
  readonly topic: string;
  readonly separator: Buffer | null;
  readonly partition: number | null;
  readonly headers: readonly RecordHeader[];
  readonly batch: BatchOptions;
}

function planFor(given: CommandArguments): Plan {
  const [topic] = given.operands;
  if (topic === undefined) throw new UsageError('produce: which topic?');
  const name = given.text('compression') ?? 'none';
  const codec = codecIdOf(name);
  if (codec < CODEC.NONE) {
    throw new UsageError(`--compression ${name}: expected one of ${CODEC_NAMES.join(', ')}`);
  }
  const separator = given.text('key-separator');
  if (separator === '') throw new UsageError('--key-separator: expected at least one character');
  return {
    topic,
    separator: separator === undefined ? null : Buffer.from(separator),
    partition: given.integer('partition', 0) ?? null,
    headers: Array.from(given.pairs('header'), ([key, value]) => {
      return { key, value: Buffer.from(value) };
    }),
    batch: { codec },
  };
}

/** Sends what comes together in one batch a partition, and waits until it is acknowledged. */
export async function produce(given: CommandArguments): Promise<number> {
  const plan = planFor(given);
  const { topic } = plan;
  const partitions = await withAdmin(given, async (admin) => {
    return required((await admin.topics.describe([topic])).get(topic)).partitions.length;
  });
  const count = await withCluster(given, async (cluster) => {
    const sender = new RecordSender(cluster);
    let sent = 0;
    let turn = 0;
    for await (const lines of readLines(process.stdin)) {
      const parsed = lines.map((line, i) => parseLine(line, plan.separator, sent + i + 1));
      const batches = batchesOf(parsed, plan, partitions, turn++ % partitions);
      await Promise.all(
        Array.from(batches, ([partition, batch]) => sender.send({ topic, partition }, batch)),
      );
      sent += lines.length;
    }
    return sent;
  });
  remark(`${count} records sent to ${topic}`);
  return 0;
}

function parseLine(line: Buffer, separator: Buffer | null, number: number): Line {
  if (separator === null) return { key: null, value: line };
  const at = line.indexOf(separator);
  if (at >= 0) return { key: line.subarray(0, at), value: line.subarray(at + separator.length) };
  const message = `line ${number} has no '${separator}' between key and value`;
  throw new MillraceError('MILLRACE_BAD_ARGUMENT', message);
}

/** Records without a key go to one partition at a time, each time to the next. */
function batchesOf(
  lines: readonly Line[],
  plan: Plan,
  partitions: number,
  keyless: number,
): Map<number, Buffer> {
  const builders = new Map<number, BatchBuilder>();
  const nowMs = Date.now();
  for (const { key, value } of lines) {
    const hashed = key === null ? keyless : partitionForKey(key, partitions);
    const partition = plan.partition ?? hashed;
    let builder = builders.get(partition);
    if (builder === undefined) {
      builder = new BatchBuilder(plan.batch);
      builders.set(partition, builder);
    }
    builder.append(nowMs, key, value, plan.headers);
  }
  return new Map(Array.from(builders, ([partition, builder]) => [partition, builder.build()]));
}

import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { MillraceError, reasonOf } from '../../base/errors.ts';
import type { Admin } from '../../client/admin/admin.ts';
import { Producer } from '../../client/producer/producer.ts';
import type { ProducerOptions } from '../../client/producer/producer-options.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { Ending } from '../ending.ts';
import { remark } from '../output.ts';
import { Progress } from '../progress.ts';
import { splitStream } from '../split-stream.ts';
import { topicPartitions } from '../topic-partitions.ts';
import { asUsage, EXIT_FAILED } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';
import { type ProducePlan, producePlan } from './produce-plan.ts';
import { RecordParser } from './record-parser.ts';
import { RecordSink } from './record-sink.ts';

/** Sends what comes in, no faster than it is acknowledged, and says what became of it. */
export async function produce(given: CommandArguments): Promise<number> {
  const plan = producePlan(given);
  const { topic, partition } = plan;
  const wanted = partition === null ? [] : [partition];
  const check = (admin: Admin) => topicPartitions(admin, topic, wanted);
  await withAdmin(given, check, { isStrict: false });
  using ending = new Ending();
  const sink = await send(plan, ending);
  const { delivered, failed, firstError } = sink;
  if (firstError !== null) {
    const counts = `${failed} of ${delivered + failed} records were not sent to ${topic}`;
    remark(`millrace: ${counts}: ${reasonOf(firstError)}`);
  } else if (!plan.isQuiet) {
    remark(`${delivered} records sent to ${topic}`);
  }
  return ending.code || (failed > 0 ? EXIT_FAILED : 0);
}

async function send(plan: ProducePlan, ending: Ending): Promise<RecordSink> {
  using progress = new Progress('sent', !plan.isQuiet);
  const { options, partition, topic } = plan;
  const chosen = partition === null ? {} : { partitioner: () => partition };
  const onError = (error: Error) => remark(`millrace: ${error.message}`);
  const given = { ...options, ...chosen, onError } as unknown as ProducerOptions;
  await using producer = asUsage(() => new Producer(given));
  const isTransactional = (options.transactionalId ?? '') !== '';
  if (isTransactional) await producer.beginTransaction();
  const sink = new RecordSink(producer, topic, ending, progress);
  try {
    await feed(plan, sink, ending);
  } finally {
    await producer.flush();
  }
  if (!isTransactional) return sink;
  if (sink.failed > 0 || ending.code) {
    await producer.abortTransaction();
    sink.takeBack();
  } else {
    await producer.commitTransaction();
  }
  return sink;
}

async function feed(plan: ProducePlan, sink: RecordSink, ending: Ending): Promise<void> {
  if (plan.files.length > 0 && !plan.readsLines) {
    const { headers, key } = fixedParts(plan);
    for (const path of plan.files) {
      if (ending.isAsked || sink.count >= plan.countMax) return;
      const value = await reading(path, () => readFile(path));
      if (!sink.put(key, value, headers)) await sink.ready();
    }
    return;
  }
  const [path] = plan.files;
  const source = path === undefined ? process.stdin : createReadStream(path);
  await reading(path ?? 'the standard input', () => feedStream(plan, sink, source, ending));
}

async function feedStream(
  plan: ProducePlan,
  sink: RecordSink,
  source: Readable,
  ending: Ending,
): Promise<void> {
  const parser = new RecordParser(plan.parser);
  let number = 0;
  addAbortSignal(ending.signal, source);
  try {
    for await (const pieces of splitStream(source, plan.split)) {
      for (const piece of pieces) {
        number++;
        if (plan.skipsEmptyLines && piece.length === 0) continue;
        if (!parsed(plan, parser, piece, number)) continue;
        if (!sink.put(parser.key, parser.value, parser.headers)) await sink.ready();
        if (plan.isTee) await ending.write(Buffer.concat([piece, plan.split.delimiter]));
        if (ending.isAsked || sink.count >= plan.countMax) return;
      }
    }
  } catch (thrown) {
    // The end of the command ends the reading too.
    if (!ending.isAsked) throw thrown;
  }
}

function parsed(plan: ProducePlan, parser: RecordParser, piece: Buffer, number: number): boolean {
  if (!plan.skipsBadLines) {
    parser.parse(piece, number);
    return true;
  }
  try {
    parser.parse(piece, number);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof MillraceError)) throw thrown;
    remark(`millrace: ${thrown.message}; it is left out`);
    return false;
  }
}

function fixedParts(plan: ProducePlan) {
  const { fixedKey: key, fixedHeaders: headers } = plan.parser;
  return { key, headers: headers.length === 0 ? undefined : headers };
}

/** A file that cannot be read is the caller's to mend, not a defect. */
async function reading<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    if (!(thrown instanceof Error) || !('syscall' in thrown)) throw thrown;
    throw new MillraceError('MILLRACE_BAD_ARGUMENT', `${what}: ${thrown.message}`);
  }
}

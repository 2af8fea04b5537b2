import { reasonOf } from '../../base/errors.ts';
import { inBackground } from '../../base/in-background.ts';
import type { Admin } from '../../client/admin/admin.ts';
import { Consumer } from '../../client/consumer/consumer.ts';
import type { ConsumerOptions, TopicChoice } from '../../client/consumer/consumer-options.ts';
import type { RecordBatch } from '../../client/consumer/records/record-batch.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { Ending } from '../ending.ts';
import { remark } from '../output.ts';
import { Progress } from '../progress.ts';
import { topicPartitions } from '../topic-partitions.ts';
import { asUsage } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';
import { type ConsumePlan, consumePlan } from './consume-plan.ts';
import { EndWatch } from './end-watch.ts';
import { OutputBuffer } from './output-buffer.ts';
import { RecordPrinter } from './record-printer.ts';
import { startOffsets } from './start-offsets.ts';

type Bytes = Uint8Array | null;

/** Prints records until the end, a count, or somebody says that it is enough. */
export async function consume(given: CommandArguments): Promise<number> {
  const plan = consumePlan(given);
  const partitions = await withAdmin(given, (admin) => partitionsOf(admin, plan), {
    isStrict: false,
  });
  using ending = new Ending();
  using progress = new Progress('read', !plan.isQuiet && process.stdout.isTTY !== true);
  using watch = new EndWatch(ending);
  const listener = { onAssigned: () => watch.onAssigned() };
  const onError = (thrown: unknown) => remark(`millrace: ${reasonOf(thrown)}`);
  const options = { ...plan.options, listener, onError } as unknown as ConsumerOptions;
  await using consumer = asUsage(() => new Consumer<Bytes, Bytes>({ ...options, topics: [] }));
  if (plan.isMember) consumer.subscribe(plan.topics.map(choice));
  else await assign(consumer, plan, partitions, watch);
  if (plan.isMember && plan.untilEnd) watch.untilNoLag(consumer);
  const printer = new RecordPrinter(plan, ending, progress, watch.ends);
  await follow(consumer, printer, ending, watch);
  const done = printer.unfinished;
  // The batch in hand does not count as done. What was printed of it does.
  if (done !== null && plan.commits && isAssigned(consumer, done)) {
    await inBackground(consumer.commit([done]), onError);
  }
  return ending.code ?? 0;
}

function isAssigned(consumer: Consumer<Bytes, Bytes>, at: TopicPartition): boolean {
  return consumer.assignment.some((each) => partitionName(each) === partitionName(at));
}

function choice(topic: string): TopicChoice<Bytes, Bytes> {
  return topic.startsWith('^') ? new RegExp(topic) : topic;
}

async function partitionsOf(admin: Admin, plan: ConsumePlan): Promise<TopicPartition[]> {
  const found: TopicPartition[] = [];
  for (const topic of plan.topics) {
    if (plan.isMember && topic.startsWith('^')) continue;
    for (const { partition, leader } of await topicPartitions(admin, topic, plan.partitions)) {
      found.push({ topic, partition });
      plan.leaders.set(partitionName({ topic, partition }), leader);
    }
  }
  return found;
}

async function assign(
  consumer: Consumer<Bytes, Bytes>,
  plan: ConsumePlan,
  partitions: readonly TopicPartition[],
  watch: EndWatch,
): Promise<void> {
  const starts = await startOffsets(consumer, plan.start, partitions);
  if (plan.untilEnd) await watch.untilEnds(consumer, partitions);
  consumer.assign(partitions);
  for (const { offset, ...at } of starts) consumer.seek(at, offset);
}

async function follow(
  consumer: Consumer<Bytes, Bytes>,
  printer: RecordPrinter,
  ending: Ending,
  watch: EndWatch,
): Promise<void> {
  const out = new OutputBuffer();
  watch.look();
  for await (const batch of consumer.batches({ signal: ending.signal })) {
    await print(batch, printer, out, ending);
    if (ending.isAsked || printer.isDone) return;
    watch.look();
  }
}

async function print(
  batch: RecordBatch<Bytes, Bytes>,
  printer: RecordPrinter,
  out: OutputBuffer,
  ending: Ending,
): Promise<void> {
  for (let i = 0; i < batch.length && !ending.isAsked; i++) {
    if (!printer.add(out, batch.record(i))) break;
    if (printer.isFull(out)) await ending.write(out.take());
  }
  if (out.length > 0) await ending.write(out.take());
  printer.onWritten(batch);
}

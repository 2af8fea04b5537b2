import { inBackground } from '../../../base/in-background.ts';
import { toKafkaError } from '../../errors/kafka-error.ts';
import { onAbort } from '../../net/on-abort.ts';
import type { TopicChoice } from '../consumer-options.ts';
import { FailedRecords } from './failed-records.ts';
import { retrySuffix, retryTopic } from './retry-names.ts';
import type { RunSettings } from './run-options.ts';
import { type DeadLetterProducer, type MakeTopics, SideTopics } from './side-topics.ts';

/** A consumer as the run sees it: of the main topics, or of the retry topics of one number. */
export interface RunReader<K, V> {
  subscribe(topics: readonly TopicChoice<K, V>[]): void;
  /** Hands its records to the handler; with `waits`, each in the time that its header says. */
  runAlone(
    settings: RunSettings<K, V>,
    failed: FailedRecords,
    waits: boolean,
    signal: AbortSignal,
  ): Promise<void>;
  close(): Promise<void>;
}

/** Clients that a run makes for itself. */
export interface RunClients {
  readonly producer: DeadLetterProducer;
  makeTopics: MakeTopics;
  close(): Promise<void>;
}

/** What a run needs of its consumer. */
export interface RunHost<K, V> {
  readonly main: Pick<RunReader<K, V>, 'runAlone'>;
  readonly groupId: string | null;
  /** The topics that are read and known now. */
  topics(): readonly string[];
  partitionsOf(topic: string): number;
  /** Another topic with the types of this one. */
  like(topic: string, name: string): TopicChoice<K, V>;
  /** Called where topics come; returns how to end that. */
  onTopics(listener: () => void): () => void;
  openClients(): RunClients;
  openReader(suffix: string): RunReader<K, V>;
  onError(thrown: unknown): void;
}

/** A run with the readers of its retry topics beside it. The first that fails ends all of them. */
export async function runWithSideTopics<K, V>(
  settings: RunSettings<K, V>,
  host: RunHost<K, V>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { retry, deadLetter } = settings;
  const makesOwn = deadLetter === true || retry.topics;
  const clients = makesOwn ? host.openClients() : null;
  const given = typeof deadLetter === 'object' ? deadLetter : null;
  const producer = given ?? clients?.producer ?? null;
  const make: MakeTopics | null =
    clients === null ? null : (names, partitions) => clients.makeTopics(names, partitions);
  const side = producer === null ? null : new SideTopics(producer, make);
  const failedOf = (suffix: string) =>
    new FailedRecords({
      retry,
      side,
      hasDeadLetters: deadLetter !== null,
      groupId: host.groupId,
      suffix,
      partitionsOf: (topic) => host.partitionsOf(topic),
    });
  const ending = new AbortController();
  const end = () => ending.abort();
  const forget = onAbort(signal, end);
  if (signal?.aborted === true) end();
  const main = host.main.runAlone(settings, failedOf(''), false, ending.signal);
  const works = [main.finally(end)];
  const retries = retry.topics ? retry.attempts - 1 : 0;
  for (let index = 0; index < retries; index++) {
    const failed = failedOf(retrySuffix(index));
    const work = readRetries(index, settings, host, side!, failed, ending.signal);
    works.push(work.finally(end));
  }
  try {
    const ends = await Promise.allSettled(works);
    const failure = ends.find((each) => each.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  } finally {
    forget();
    await clients?.close();
  }
}

/** Reads the retry topics of one number, of all main topics as they come. */
async function readRetries<K, V>(
  index: number,
  settings: RunSettings<K, V>,
  host: RunHost<K, V>,
  side: SideTopics,
  failed: FailedRecords,
  signal: AbortSignal,
): Promise<void> {
  const reader = host.openReader(retrySuffix(index));
  let subscribed = '';
  const follow = async () => {
    const mains = host.topics();
    for (const main of mains) await side.require(retryTopic(main, index), host.partitionsOf(main));
    const isNews = mains.join() !== subscribed;
    subscribed = mains.join();
    if (!isNews || signal.aborted) return;
    reader.subscribe(mains.map((main) => host.like(main, retryTopic(main, index))));
  };
  const onTopics = () => inBackground(follow(), (thrown) => host.onError(toKafkaError(thrown)));
  const stop = host.onTopics(onTopics);
  try {
    await follow();
    await reader.runAlone(settings, failed, true, signal);
  } finally {
    stop();
    await reader.close();
  }
}

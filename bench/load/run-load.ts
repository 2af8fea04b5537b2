/** One run: topics, connections, warm-up, the measured window, and everything taken down again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createTopic, deleteTopic } from './admin.ts';
import { CommitLoad } from './commit-load.ts';
import { ConnectLoad } from './connect-load.ts';
import { ControlClient } from './control-client.ts';
import { EndToEndLoad } from './end-to-end-load.ts';
import { FanOutLoad } from './fan-out-load.ts';
import { FetchLoad } from './fetch-load.ts';
import { FillLoad } from './fill-load.ts';
import { HeartbeatLoad } from './heartbeat-load.ts';
import { LoadConnection } from './load-connection.ts';
import { LoadError } from './load-error.ts';
import type { Load, LoadSetup } from './load-setup.ts';
import { type LoadResult, Meter } from './meter.ts';
import type { LoadOptions, Mode } from './options.ts';
import { ProduceLoad } from './produce-load.ts';
import { SseLoad } from './sse-load.ts';
import { TransactionLoad } from './transaction-load.ts';
import { WsCatchUpLoad } from './ws-catch-up-load.ts';
import { WsProduceLoad } from './ws-produce-load.ts';

type OpenLoad = (setup: LoadSetup) => Promise<Load>;

const LOADS: Readonly<Record<Mode, OpenLoad>> = {
  produce: ProduceLoad.open,
  fill: FillLoad.open,
  fetch: FetchLoad.open,
  e2e: EndToEndLoad.open,
  commit: CommitLoad.open,
  transactions: TransactionLoad.open,
  heartbeat: HeartbeatLoad.open,
  connect: ConnectLoad.open,
  'fan-out': FanOutLoad.open,
  'ws-catch-up': WsCatchUpLoad.open,
  'ws-produce': WsProduceLoad.open,
  sse: SseLoad.open,
};

function topicNames(count: number): string[] {
  const run = `${process.pid}-${Date.now().toString(36)}`;
  return Array.from({ length: count }, (_, index) => `load-${run}-${index}`);
}

async function makeTopics(
  control: ControlClient,
  topics: readonly string[],
  { partitions, topicConfig }: LoadOptions,
): Promise<void> {
  for (const name of topics) await createTopic(control, { name, partitions, configs: topicConfig });
}

function missingControl(): never {
  throw new LoadError('this load needs a broker that speaks the Kafka protocol');
}

/** `onUnderWay`: everything is set up and the warm-up begins. */
export async function runLoad(
  options: LoadOptions,
  onUnderWay: (topics: readonly string[]) => void = () => {},
): Promise<LoadResult> {
  LoadConnection.security = options.security;
  const meter = new Meter(options.brokerPid);
  const speaksKafka = options.subprotocol.startsWith('millrace.');
  const { host, port } = options;
  const control = speaksKafka ? await ControlClient.connect(host, port) : undefined;
  const topics = topicNames(options.topics);
  if (control !== undefined) await makeTopics(control, topics, options);
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const load = await LOADS[options.mode]({
    options,
    topics,
    control: () => control ?? missingControl(),
    meter,
    onFailed: (error) => fail(error),
  });
  load.start();
  onUnderWay(topics);
  await Promise.race([failed, sleep(options.warmupSeconds * 1000)]);
  meter.begin();
  await Promise.race([failed, sleep(options.seconds * 1000)]);
  meter.end();
  await Promise.race([failed, load.stop()]);
  if (control !== undefined && !options.keepTopics) {
    for (const name of topics) await deleteTopic(control, name);
  }
  control?.close();
  return { ...meter.result(options.mode), topics };
}

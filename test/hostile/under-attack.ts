import { expect } from 'vitest';
import type { BrokerProcess } from '../support/broker-process.ts';
import { HealthyClient } from './healthy-client.ts';

const QUIET_MS = 400;
const SAMPLE_MS = 20;

/** What a broker may hold more of after an attack: slack of the heap and of the pool's threads. */
export interface Slack {
  readonly megabytes: number;
  readonly descriptors: number;
}

const LITTLE_SLACK: Slack = { megabytes: 48, descriptors: 4 };
const SETTLE_MS_MAX = 8_000;

export interface AttackFigures {
  readonly name: string;
  readonly quietP99Ms: number;
  readonly attackP99Ms: number;
  readonly attackMaxMs: number;
  readonly worstLoopMs: number;
  readonly beforeMb: number;
  readonly peakMb: number;
  readonly afterMb: number;
}

const round = (value: number): number => Math.round(value * 10) / 10;

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Runs an attack beside a healthy client. What must hold on any machine is checked: the client is
 * served, the broker lives, connections and descriptors come back, and memory does. Times are
 * printed for whoever reads the log; on a busy machine they say little.
 */
export async function underAttack(
  name: string,
  broker: BrokerProcess,
  attack: () => Promise<void>,
  slack = LITTLE_SLACK,
): Promise<AttackFigures> {
  const healthy = await HealthyClient.start(broker.port);
  await sleep(QUIET_MS);
  const quiet = healthy.take();
  const beforeMb = broker.anonymousMb;
  const beforeDescriptors = broker.descriptorCount;
  let peakMb = beforeMb;
  const sampler = setInterval(() => {
    if (broker.isAlive) peakMb = Math.max(peakMb, broker.anonymousMb);
  }, SAMPLE_MS);
  try {
    await attack();
  } finally {
    clearInterval(sampler);
  }
  const during = healthy.take();
  await settled(() => broker.descriptorCount <= beforeDescriptors + slack.descriptors);
  await healthy.stop();
  expect(broker.isAlive, broker.log).toBe(true);
  await settled(() => broker.anonymousMb < beforeMb + slack.megabytes);
  const figures: AttackFigures = {
    name,
    quietP99Ms: round(quiet.p99),
    attackP99Ms: round(during.p99),
    attackMaxMs: round(during.max),
    worstLoopMs: round(await broker.worstLoopDelayMs()),
    beforeMb: round(beforeMb),
    peakMb: round(peakMb),
    afterMb: round(broker.anonymousMb),
  };
  process.stdout.write(`attack ${JSON.stringify(figures)}\n`);
  return figures;
}

/** Waits until it is so, or says after a while that it is not. */
export async function settled(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + SETTLE_MS_MAX;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`it does not settle: ${isSo}`);
    await sleep(50);
  }
}

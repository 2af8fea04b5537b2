/** One turn of one broker in one scenario. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from '../bench-options.ts';
import { type Figures, figuresOf, medianOf } from '../figures.ts';
import type { Contestant } from '../harness/contestant.ts';
import { runLoadProcess, startLoad } from '../harness/load-process.ts';
import type { Scenario, ScenarioKind } from '../scenario.ts';
import { aclTurn } from './acl-turn.ts';
import { compactionTurn } from './compaction-turn.ts';
import { groupTurn } from './group-turn.ts';
import { idlePartitionsTurn } from './idle-partitions-turn.ts';
import { idleSocketsTurn } from './idle-sockets-turn.ts';
import { isolationTurn } from './isolation-turn.ts';
import { joinTurn } from './join-turn.ts';
import { producerPerformanceTurn } from './producer-performance-turn.ts';
import { reconnectTurn } from './reconnect-turn.ts';
import { restartTurn } from './restart-turn.ts';
import { startTurn } from './start-turn.ts';
import { syncCountOf } from './sync-count.ts';

const IDLE_PARTITIONS = 5000;
/** A slow spell of the machine outlasts one round, so both brokers meet it. */
const PAIRS = 5;

/** These measure a start, or memory, which a process that has run before would hide. */
const OWN_BROKERS: ReadonlySet<ScenarioKind> = new Set([
  'start',
  'idle-partitions',
  'idle-sockets',
  'join',
  'restart',
  'acls',
]);

type Turn = (scenario: Scenario, who: Contestant, options: BenchOptions) => Promise<Figures>;

const startOnly: Turn = (_scenario, who) => startTurn(who);
const idlePartitions: Turn = (_scenario, who) => idlePartitionsTurn(who, IDLE_PARTITIONS);

const TURNS: Readonly<Record<ScenarioKind, Turn>> = {
  load: loadTurn,
  start: startOnly,
  'idle-partitions': idlePartitions,
  beside: besideTurn,
  durability: durabilityTurn,
  compaction: compactionTurn,
  'idle-sockets': idleSocketsTurn,
  reconnect: reconnectTurn,
  join: joinTurn,
  group: groupTurn,
  isolation: isolationTurn,
  'producer-performance': producerPerformanceTurn,
  restart: restartTurn,
  acls: aclTurn,
};

export function takeTurn(
  scenario: Scenario,
  who: Contestant,
  options: BenchOptions,
): Promise<Figures> {
  return TURNS[scenario.kind](scenario, who, options);
}

/** Whether the scenario starts brokers of its own and wants no other one running. */
export function wantsOwnBrokers(scenario: Scenario): boolean {
  return OWN_BROKERS.has(scenario.kind);
}

async function loadTurn(scenario: Scenario, who: Contestant, options: BenchOptions) {
  const broker = await who.shared();
  const { warmupSeconds, seconds } = options;
  const { security } = scenario;
  const where = security === undefined ? [] : broker.secured!.argsOf(security);
  const args = [...who.argsOf(scenario), ...where];
  return figuresOf(await runLoadProcess(broker, args, warmupSeconds, seconds));
}

async function besideTurn(scenario: Scenario, who: Contestant, options: BenchOptions) {
  const broker = await who.shared();
  const { warmupSeconds, seconds } = options;
  const longEnough = 2 * PAIRS * (warmupSeconds + seconds) + 60;
  const beside = startLoad(broker, scenario.beside ?? [], 1, longEnough);
  await beside.started;
  const alone: Figures[] = [];
  const both: Figures[] = [];
  try {
    for (let pair = 0; pair < PAIRS; pair++) {
      beside.pause();
      alone.push(figuresOf(await runLoadProcess(broker, scenario.args, warmupSeconds, seconds)));
      beside.resume();
      both.push(figuresOf(await runLoadProcess(broker, scenario.args, warmupSeconds, seconds)));
    }
  } finally {
    beside.resume();
    beside.stop();
    await beside.result.catch(() => {});
  }
  const p99AloneMs = medianOf(alone).p99Ms!;
  const figures = medianOf(both);
  return { ...figures, p99AloneMs, p99Ratio: figures.p99Ms! / p99AloneMs };
}

/** The same load twice: as the broker does it by itself, and with a sync before each answer. */
async function durabilityTurn(scenario: Scenario, who: Contestant, options: BenchOptions) {
  const broker = await who.shared();
  const { warmupSeconds, seconds } = options;
  const os = await runLoadProcess(broker, scenario.args, warmupSeconds, seconds);
  const synced = [...scenario.args, '--topic-config', 'flush.messages=1'];
  const load = startLoad(broker, synced, warmupSeconds, seconds);
  await load.started;
  const from = await syncCountOf(broker);
  const countedFrom = performance.now();
  await sleep(warmupSeconds * 1000 + seconds * 500);
  const to = await syncCountOf(broker);
  const countedSeconds = (performance.now() - countedFrom) / 1000;
  const group = await load.result;
  const figures = { ...figuresOf(group), osMessagesPerSecond: os.messagesPerSecond };
  if (from === undefined || to === undefined || to === from) return figures;
  const syncsPerSecond = (to - from) / countedSeconds;
  return { ...figures, syncsPerSecond, appendsPerSync: group.messagesPerSecond / syncsPerSecond };
}

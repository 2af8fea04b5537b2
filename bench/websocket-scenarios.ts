/** The WebSocket rows: deliveries are summed over the consumers. */
import type { Scenario, Target } from './scenario.ts';

type Language = 'batch' | 'json';

const fixed = (figure: string, bound: { atLeast?: number; atMost?: number }): Target => ({
  figure,
  ...bound,
  of: 'fixed',
});
const rate = (atLeast: number): Target => fixed('messagesPerSecond', { atLeast });
const p99 = (atMost: number): Target => fixed('p99Ms', { atMost });

/** So many batches the publisher may be ahead of the slowest consumer, whoever the broker is. */
const WINDOWS: ReadonlyMap<number, number> = new Map([
  [1, 64],
  [10, 64],
  [100, 4],
]);

function fanOut(language: Language, consumers: number, targets: readonly Target[]): Scenario {
  const window = String(WINDOWS.get(consumers));
  const common = ['fan-out', '--consumers', String(consumers), '--window', window];
  return {
    name: `ws-${language}-${consumers}`,
    title: `WebSocket, millrace.${language}, consumers that each get all: ${consumers}`,
    kind: 'load',
    rivals: ['nats', 'jetstream', 'bare', 'node'],
    args: [...common, '--subprotocol', `millrace.${language}`, '--in-flight', '32'],
    rivalArgs: common,
    targets,
  };
}

function held(language: Language, targets: readonly Target[]): Scenario {
  const common = ['fan-out', '--consumers', '100', '--rate', '200000', '--batch-bytes', '0'];
  return {
    name: `ws-${language}-held`,
    title: `WebSocket, millrace.${language}, 100 consumers held at 200,000 deliveries/s`,
    kind: 'load',
    rivals: ['nats', 'jetstream', 'bare', 'node'],
    args: [...common, '--subprotocol', `millrace.${language}`],
    rivalArgs: common,
    targets,
  };
}

function catchUp(language: Language): Scenario {
  const load = ['ws-catch-up', '--preload-bytes', '300000000'];
  return {
    name: `ws-${language}-catch-up`,
    title: `WebSocket, millrace.${language}, one socket from the beginning of a topic`,
    kind: 'load',
    rivals: ['node'],
    args: [...load, '--subprotocol', `millrace.${language}`],
    targets: [rate(1_000_000)],
  };
}

export const WEBSOCKET_SCENARIOS: readonly Scenario[] = [
  fanOut('batch', 1, [rate(2_000_000)]),
  fanOut('batch', 10, [rate(8_000_000)]),
  fanOut('batch', 100, [rate(10_000_000), p99(10)]),
  held('batch', [p99(2), fixed('brokerCpuPerMillion', { atMost: 2.8 })]),
  fanOut('json', 1, [rate(600_000)]),
  fanOut('json', 10, [rate(3_000_000)]),
  fanOut('json', 100, [rate(5_000_000)]),
  held('json', [p99(3)]),
  catchUp('batch'),
  catchUp('json'),
  {
    name: 'sse',
    title: 'server-sent events to one reader, from the beginning of a topic',
    kind: 'load',
    rivals: ['node'],
    args: ['sse', '--preload-bytes', '300000000'],
    targets: [rate(200_000)],
  },
  {
    name: 'ws-produce',
    title: 'produce over WebSocket, millrace.json, acks=1, 100 records a command',
    kind: 'load',
    rivals: ['node'],
    args: ['ws-produce', '--subprotocol', 'millrace.json', '--in-flight', '8'],
    targets: [rate(500_000)],
  },
  {
    name: 'ws-reconnect',
    title: '1,000 sockets that reconnect at once beside 2,000 msg/s: all caught up',
    kind: 'reconnect',
    rivals: ['node'],
    args: ['produce', '--batch-bytes', '2048', '--rate', '2000'],
    mostRounds: 1,
    targets: [fixed('caughtUpMs', { atMost: 2000 })],
  },
  {
    name: 'ws-idle',
    title: '10,000 idle subscribed sockets: memory of each',
    kind: 'idle-sockets',
    rivals: ['node'],
    args: [],
    mostRounds: 1,
    targets: [fixed('kibPerSocket', { atMost: 12 })],
  },
];

/** One publisher, and WebSocket consumers that each get everything; deliveries are summed. */
import { figuresOf } from '../figures.ts';
import type { Command } from '../harness/command.ts';
import { runLoadProcess } from '../harness/load-process.ts';

/** Batches that the publisher may be ahead of the slowest, so that few bytes lie in sockets. */
const DELIVERIES_AHEAD = 400;
const MOST_AHEAD = 64;

export const WEBSOCKET: Command = {
  name: 'websocket',
  summary: 'WebSocket consumers that each get everything a publisher sends; deliveries are summed',
  options: {
    consumers: { takes: 'whole', unless: 1, least: 1, most: 10_000, help: 'sockets' },
    format: {
      takes: 'choice',
      unless: 'batch',
      choices: ['batch', 'json'],
      help: 'subprotocol millrace.batch (frames of batches) or millrace.json',
    },
    rate: {
      takes: 'whole',
      unless: 0,
      least: 0,
      most: 100_000_000,
      help: 'deliveries a second over all consumers, of single records; 0 is flat out',
    },
    'record-size': { takes: 'bytes', unless: 100, least: 1, most: 1_000_000, help: 'of a value' },
  },
  rivals: ['nats', 'jetstream', 'bare', 'node'],
  seconds: 2,
  path: (options) => ({
    isProduced: false,
    isConsumed: true,
    isPacked: false,
    isTimed: options.isGiven('rate'),
    isSynced: false,
  }),
  plan(options) {
    const consumers = options.number('consumers');
    const rate = options.number('rate');
    const ahead = Math.min(MOST_AHEAD, Math.max(1, Math.floor(DELIVERIES_AHEAD / consumers)));
    const recordBytes = String(options.number('record-size'));
    const common = ['--consumers', String(consumers), '--record-bytes', recordBytes];
    const pace =
      rate > 0 ? ['--rate', `${rate}`, '--batch-bytes', '0'] : ['--window', String(ahead)];
    return async (who, { warmupSeconds, seconds }) => {
      const isOwn = who.name === 'millrace' || who.name === 'node';
      const subprotocol = isOwn ? `millrace.${options.text('format')}` : who.name;
      const inFlight = isOwn && rate === 0 ? ['--in-flight', '32'] : [];
      const load = ['fan-out', ...common, ...pace, ...inFlight, '--subprotocol', subprotocol];
      const broker = await who.shared();
      const result = await runLoadProcess(broker, load, warmupSeconds, seconds);
      return { figures: figuresOf(result) };
    };
  },
};

/** millrace, and the rival that was asked for where this machine can have it. */
import { join } from 'node:path';
import type { BenchOptions } from './bench-options.ts';
import { startBare } from './brokers/bare.ts';
import { kafkaClassPath, missingForKafka, startKafka } from './brokers/kafka.ts';
import { startMillrace } from './brokers/millrace.ts';
import { missingForNats, natsProgram, startNats } from './brokers/nats.ts';
import { Contestant } from './contestant.ts';
import type { RivalName } from './scenario.ts';

type Note = (text: string) => void;

const MISSING: Readonly<Record<RivalName, () => Promise<string | undefined>>> = {
  kafka: missingForKafka,
  nats: missingForNats,
  jetstream: missingForNats,
  bare: async () => undefined,
  node: async () => undefined,
};

export async function contestants(
  options: BenchOptions,
  folder: string,
  note: Note,
): Promise<Contestant[]> {
  const profileFolder = options.profile ? join(folder, 'profiles') : '';
  const millrace = new Contestant('millrace', folder, (at, config) =>
    startMillrace({ folder: at, profileFolder }, { ...config, ...options.overrides }),
  );
  const { against } = options;
  if (against === undefined) return [millrace];
  const missing = await MISSING[against]();
  if (missing !== undefined) {
    note(`nothing to compare with: ${against} cannot be had, ${missing}; millrace runs alone`);
    return [millrace];
  }
  if (against === 'node') return [millrace, onNode(options, folder)];
  if (against === 'bare') return [millrace, new Contestant('bare', folder, startBare)];
  note(`fetching ${against} (the first time takes a while)`);
  return [millrace, against === 'kafka' ? await kafka(folder) : await nats(against, folder)];
}

/** millrace without uWebSockets.js. */
function onNode(options: BenchOptions, folder: string): Contestant {
  const engine = { 'millrace.http.engine': 'node' };
  return new Contestant('node', folder, (at, config) =>
    startMillrace(
      { folder: at, profileFolder: '' },
      { ...config, ...options.overrides, ...engine },
    ),
  );
}

async function kafka(folder: string): Promise<Contestant> {
  const classPath = await kafkaClassPath(folder);
  return new Contestant('kafka', folder, (at, config) =>
    startKafka({ folder: at, classPath }, config),
  );
}

async function nats(name: RivalName, folder: string): Promise<Contestant> {
  const program = await natsProgram(folder);
  return new Contestant(name, folder, (at) => startNats(program, at));
}

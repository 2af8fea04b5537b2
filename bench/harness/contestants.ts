/** millrace, and the rivals that were asked for where this machine can have them. */
import { join } from 'node:path';
import { startBare } from '../brokers/bare.ts';
import { BrokerSecurity } from '../brokers/broker-security.ts';
import { floorProgram, missingForFloor, startFloor } from '../brokers/floor.ts';
import { kafkaClassPath, missingForKafka, startKafka } from '../brokers/kafka.ts';
import { startMillrace } from '../brokers/millrace.ts';
import { missingForNats, natsProgram, startNats } from '../brokers/nats.ts';
import type { RivalName } from '../scenario.ts';
import { Contestant } from './contestant.ts';

type Note = (text: string) => void;

/** Who takes part, and how millrace is run. */
export interface Field {
  readonly against: readonly RivalName[];
  readonly overrides: Readonly<Record<string, string>>;
  readonly profile: boolean;
  /** All listen with TLS, too. */
  readonly isSecured?: boolean;
}

const MISSING: Readonly<Record<RivalName, () => Promise<string | undefined>>> = {
  kafka: missingForKafka,
  floor: missingForFloor,
  nats: missingForNats,
  jetstream: missingForNats,
  bare: async () => undefined,
  node: async () => undefined,
};

export async function contestants(
  options: Field,
  folder: string,
  note: Note,
): Promise<Contestant[]> {
  const profileFolder = options.profile ? join(folder, 'profiles', 'broker') : '';
  const security = options.isSecured === true ? await BrokerSecurity.in(folder) : undefined;
  const secured = security === undefined ? {} : { security };
  const millrace = new Contestant('millrace', folder, (at, config) =>
    startMillrace({ folder: at, profileFolder, ...secured }, { ...config, ...options.overrides }),
  );
  const all = [millrace];
  for (const name of options.against) {
    const missing = await MISSING[name]();
    if (missing !== undefined) note(`${name} is left out: it cannot be had, ${missing}`);
    else all.push(await rival(name, options, folder, note, security));
  }
  return all;
}

async function rival(
  name: RivalName,
  options: Field,
  folder: string,
  note: Note,
  security: BrokerSecurity | undefined,
): Promise<Contestant> {
  if (name === 'node') return onNode(options, folder);
  if (name === 'bare') return new Contestant('bare', folder, startBare);
  if (name === 'floor') return floor(folder);
  note(`fetching ${name} (the first time takes a while)`);
  return name === 'kafka' ? kafka(folder, security) : nats(name, folder);
}

async function floor(folder: string): Promise<Contestant> {
  const program = await floorProgram(folder);
  return new Contestant('floor', folder, (at) => startFloor(program, at));
}

/** millrace without uWebSockets.js. */
function onNode(options: Field, folder: string): Contestant {
  const engine = { 'millrace.http.engine': 'node' };
  return new Contestant('node', folder, (at, config) =>
    startMillrace(
      { folder: at, profileFolder: '' },
      { ...config, ...options.overrides, ...engine },
    ),
  );
}

async function kafka(folder: string, security: BrokerSecurity | undefined): Promise<Contestant> {
  const classPath = await kafkaClassPath(folder);
  const secured = security === undefined ? {} : { security };
  return new Contestant('kafka', folder, (at, config) =>
    startKafka({ folder: at, classPath, ...secured }, config),
  );
}

async function nats(name: RivalName, folder: string): Promise<Contestant> {
  const program = await natsProgram(folder);
  return new Contestant(name, folder, (at) => startNats(program, at));
}

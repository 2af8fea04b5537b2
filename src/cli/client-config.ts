import { readFileSync } from 'node:fs';
import { parseProperties } from '../broker/config-properties.ts';
import { camelName } from '../client/config/option-names.ts';
import { clientSecurity, isSecurityName } from './client-security.ts';
import type { CommandArguments } from './command-arguments.ts';
import { connectionOptions } from './connection-options.ts';
import { remark } from './output.ts';
import { UsageError } from './usage-error.ts';

/** Names of librdkafka, and of older clients, for the same things. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'metadata.broker.list': 'bootstrap.servers',
  'compression.codec': 'compression.type',
  'request.required.acks': 'acks',
  'queue.buffering.max.ms': 'linger.ms',
  'message.max.bytes': 'max.request.size',
  'message.send.max.retries': 'retries',
  'message.timeout.ms': 'delivery.timeout.ms',
};
/** What Java's console tools set and what has no meaning here: keys and values are bytes. */
const WITHOUT_MEANING = /^(key|value)\.(de)?serializer$/;

export interface ClientConfigOptions {
  /** `-X` may name only options of this client; else those of others are passed over. */
  readonly isStrict?: boolean;
}

/**
 * The options of a client: from `--command-config`, over them what `-X` says, over both the flags.
 * `defaults` tells the names and the types of what the client takes.
 */
export function clientConfig<T extends object>(
  given: CommandArguments,
  defaults: T,
  { isStrict = true }: ClientConfigOptions = {},
): Record<string, unknown> {
  const properties = new Map<string, string>();
  for (const path of given.texts('command-config')) {
    for (const [name, value] of fileProperties(path)) {
      if (isKnown(name, defaults)) properties.set(name, value);
      else if (isStrict) remark(`${path}: ${name} is not known here and does nothing`);
    }
  }
  for (const [typed, value] of given.pairs('command-property')) {
    const name = canonical(typed);
    if (isKnown(name, defaults) || isStrict) properties.set(name, value);
  }
  const { bootstrapServers, clientId, requestTimeoutMs, connectTimeoutMs } =
    connectionOptions(given);
  const options: Record<string, unknown> = { clientId, ...clientSecurity(properties) };
  if (given.has('timeout-ms')) {
    options.requestTimeoutMs = requestTimeoutMs;
    options.socketConnectionSetupTimeoutMs = connectTimeoutMs;
  }
  for (const [name, value] of properties) {
    if (isSecurityName(name) || WITHOUT_MEANING.test(name)) continue;
    const key = camelName(name);
    options[key] = typed(name, value, (defaults as Record<string, unknown>)[key]);
  }
  if (given.has('bootstrap-server') || options.bootstrapServers === undefined) {
    options.bootstrapServers = bootstrapServers;
  }
  return options;
}

/** The properties of one kind of client among those of all: for a second client of the command. */
function isKnown(name: string, defaults: object): boolean {
  if (isSecurityName(name) || WITHOUT_MEANING.test(name)) return true;
  return Object.hasOwn(defaults, camelName(name));
}

function fileProperties(path: string): [string, string][] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new UsageError(`--command-config ${path}: ${(thrown as Error).message}`);
  }
  return [...parseProperties(text, path)].map(([name, value]) => [canonical(name), value]);
}

function canonical(typed: string): string {
  const name = typed.startsWith('topic.') ? typed.slice('topic.'.length) : typed;
  return OTHER_NAMES[name] ?? name;
}

function typed(name: string, value: string, sample: unknown): unknown {
  if (name === 'acks') return /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof sample === 'boolean') {
    if (value === 'true' || value === 'false') return value === 'true';
    throw new UsageError(`${name}=${value}: expected true or false`);
  }
  if (typeof sample !== 'number' && name !== 'compression.level') return value;
  if (/^-?\d+$/.test(value)) return Number(value);
  throw new UsageError(`${name}=${value}: expected a whole number`);
}

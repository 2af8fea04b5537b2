import type { CommandArguments } from './command-arguments.ts';

const DEFAULT_SERVERS = '127.0.0.1:9092';
const CLIENT_ID = 'millrace-cli';
const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 30_000;

export interface ConnectionOptions {
  readonly bootstrapServers: string;
  readonly clientId: string;
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
}

/** What the options of all commands that ask brokers come to. */
export function connectionOptions(given: CommandArguments): ConnectionOptions {
  const bootstrapServers =
    given.text('bootstrap-server') ?? (process.env.MILLRACE_BOOTSTRAP_SERVERS || DEFAULT_SERVERS);
  const requestTimeoutMs = given.integer('timeout-ms', 1) ?? REQUEST_TIMEOUT_MS;
  const connectTimeoutMs = Math.min(requestTimeoutMs, CONNECT_TIMEOUT_MS);
  return { bootstrapServers, clientId: CLIENT_ID, requestTimeoutMs, connectTimeoutMs };
}

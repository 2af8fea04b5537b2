import { Admin } from '../client/admin.ts';
import type { ClusterOptions } from '../client/cluster.ts';
import type { CommandArguments } from './command-arguments.ts';

const DEFAULT_SERVERS = '127.0.0.1:9092';
const CLIENT_ID = 'millrace-cli';
const CONNECT_TIMEOUT_MS = 5_000;

export function clusterOptions(given: CommandArguments): ClusterOptions {
  const bootstrapServers =
    given.text('bootstrap-server') ?? (process.env.MILLRACE_BOOTSTRAP_SERVERS || DEFAULT_SERVERS);
  const timeoutMs = given.integer('timeout-ms', 1);
  const options = { bootstrapServers, clientId: CLIENT_ID };
  if (timeoutMs === undefined) return options;
  const connectTimeoutMs = Math.min(timeoutMs, CONNECT_TIMEOUT_MS);
  return { ...options, requestTimeoutMs: timeoutMs, connectTimeoutMs };
}

/** Runs a command's part that asks brokers, and closes the connections behind it. */
export async function withAdmin<T>(
  given: CommandArguments,
  run: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = new Admin(clusterOptions(given));
  try {
    return await run(admin);
  } finally {
    await admin.close();
  }
}

import { Admin } from '../client/admin/admin.ts';
import { CLIENT_DEFAULTS } from '../client/config/client-options.ts';
import { type ClientConfigOptions, clientConfig } from './client-config.ts';
import type { CommandArguments } from './command-arguments.ts';
import { connectionOptions } from './connection-options.ts';
import { asUsage } from './usage-error.ts';

/**
 * Runs a command's part that asks brokers, and closes the connections behind it. Not strict beside
 * another client, whose properties are given too.
 */
export async function withAdmin<T>(
  given: CommandArguments,
  run: (admin: Admin) => Promise<T>,
  config: ClientConfigOptions = {},
): Promise<T> {
  const { requestTimeoutMs, connectTimeoutMs } = connectionOptions(given);
  const options = {
    requestTimeoutMs,
    defaultApiTimeoutMs: requestTimeoutMs,
    socketConnectionSetupTimeoutMs: connectTimeoutMs,
    ...clientConfig(given, CLIENT_DEFAULTS, config),
  };
  const settings = options as typeof options & { readonly bootstrapServers: string };
  await using admin = asUsage(() => new Admin(settings));
  await admin.connect();
  return await run(admin);
}

import { Admin } from '../client/admin/admin.ts';
import type { CommandArguments } from './command-arguments.ts';
import { connectionOptions } from './connection-options.ts';

/** Runs a command's part that asks brokers, and closes the connections behind it. */
export async function withAdmin<T>(
  given: CommandArguments,
  run: (admin: Admin) => Promise<T>,
): Promise<T> {
  const { bootstrapServers, clientId, requestTimeoutMs, connectTimeoutMs } =
    connectionOptions(given);
  await using admin = new Admin({
    bootstrapServers,
    clientId,
    requestTimeoutMs,
    defaultApiTimeoutMs: requestTimeoutMs,
    socketConnectionSetupTimeoutMs: connectTimeoutMs,
  });
  await admin.connect();
  return await run(admin);
}

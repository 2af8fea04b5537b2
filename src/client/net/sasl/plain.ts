import type { SaslExchange } from './sasl-exchange.ts';

/** RFC 4616: no identity to act for, the name, the password. */
export async function* plainExchange(username: string, password: string): SaslExchange {
  yield Buffer.from(`\0${username}\0${password}`);
}

import { isIP } from 'node:net';

/**
 * Whether a Host header names this server: by an IP address, as `localhost` or by the server's own
 * name. Any other name may be one that a stranger's DNS points here, so that pages of that stranger
 * reach the server through the browser of a user.
 */
export function isOwnHost(header: string, ownName: string): boolean {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::\d*)?$/.exec(header.toLowerCase());
  const name = match?.[1] ?? match?.[2];
  if (name === undefined) return false;
  return name === 'localhost' || name === ownName.toLowerCase() || isIP(name) !== 0;
}

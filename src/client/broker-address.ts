import { MillraceError } from '../base/errors.ts';

const PORT_MAX = 65_535;
const ADDRESS = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d+)$/;

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  /** Of the broker, where it is known. */
  readonly id?: number;
}

/** `host:port[,host:port]…`; an IPv6 host stands in brackets. */
export function parseBootstrapServers(text: string): BrokerAddress[] {
  const parts = text.split(',').map((part) => part.trim());
  const addresses = parts.filter((part) => part !== '').map(parseAddress);
  if (addresses.length === 0) {
    throw new MillraceError('MILLRACE_BAD_ARGUMENT', 'there is no bootstrap server');
  }
  return addresses;
}

function parseAddress(text: string): BrokerAddress {
  const match = ADDRESS.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > PORT_MAX) {
    const message = `bootstrap server '${text}': expected host:port`;
    throw new MillraceError('MILLRACE_BAD_ARGUMENT', message);
  }
  return { host: match[1] ?? match[2]!, port };
}

/** Whether both are the same place, whichever broker is there. */
export function isSameAddress(one: BrokerAddress, other: BrokerAddress): boolean {
  return one.host === other.host && one.port === other.port;
}

export function formatAddress(address: BrokerAddress): string {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

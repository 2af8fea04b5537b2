import { MillraceError } from '../../base/errors.ts';

/** How the bytes of a listener's connections are protected, and whether clients authenticate. */
export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';

/** The address that a listener binds, or that clients are told. */
export interface Endpoint {
  readonly name: string;
  /** '' is every interface, of IPv4 and IPv6. IPv6 addresses carry no brackets. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
}

/** `NAME://host:port`, `NAME://:port`, `NAME://[ipv6]:port`. */
export function parseEndpoints(property: string, items: readonly string[]): Endpoint[] {
  const endpoints = items.map((item) => parseEndpoint(property, item));
  const names = new Set<string>();
  for (const { name } of endpoints) {
    if (names.has(name)) throw bad(`${property}: two listeners are named ${name}`);
    names.add(name);
  }
  return endpoints;
}

function parseEndpoint(property: string, item: string): Endpoint {
  const match = /^([A-Za-z0-9_-]+):\/\/(.*)$/.exec(item);
  if (match === null) {
    throw bad(`${property}: '${item}' is not of the form NAME://host:port`);
  }
  return { name: match[1]!.toUpperCase(), ...parseHostPort(property, match[2]!) };
}

/** `host:port`, `:port`, `[ipv6]:port`. */
export function parseHostPort(property: string, text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([^:[\]/\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    const form = 'host:port with a port from 0 to 65535 (an IPv6 host stands in brackets)';
    throw bad(`${property}: '${text}' is not of the form ${form}`);
  }
  return { host: match[1] ?? match[2]!, port };
}

/** `NAME:PROTOCOL,NAME:PROTOCOL` */
export function parseProtocolMap(property: string, text: string): Map<string, SecurityProtocol> {
  const protocols = new Map<string, SecurityProtocol>();
  for (const item of text.split(',')) {
    if (item.trim() === '') continue;
    const match = /^\s*([A-Za-z0-9_-]+)\s*:\s*(PLAINTEXT|SSL|SASL_PLAINTEXT|SASL_SSL)\s*$/i.exec(
      item,
    );
    if (match === null) {
      const form = 'NAME:PROTOCOL with PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL';
      throw bad(`${property}: '${item.trim()}' is not of the form ${form}`);
    }
    protocols.set(match[1]!.toUpperCase(), match[2]!.toUpperCase() as SecurityProtocol);
  }
  return protocols;
}

/** `address:limit,address:limit` */
export function parseIpLimits(property: string, text: string): Map<string, number> {
  const limits = new Map<string, number>();
  for (const item of text.split(',')) {
    if (item.trim() === '') continue;
    const match = /^\s*\[?([0-9A-Za-z:._%-]+?)\]?\s*:\s*(\d{1,9})\s*$/.exec(item);
    if (match === null) throw bad(`${property}: '${item.trim()}' is not of the form address:limit`);
    limits.set(match[1]!, Number(match[2]));
  }
  return limits;
}

export function bad(message: string): MillraceError {
  return new MillraceError('MILLRACE_BAD_CONFIG', message);
}

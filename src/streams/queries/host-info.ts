import { StreamsError } from '../tasks/streams-error.ts';

/** Where an instance answers: `application.server`. */
export interface HostInfo {
  readonly host: string;
  readonly port: number;
}

const PORT_MAX = 65_535;

/** `host:port`; an IPv6 address stands in brackets. */
export function parseHostInfo(text: string, option: string): HostInfo {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3] ?? -1);
  if (match === null || port > PORT_MAX) {
    throw new StreamsError(`option '${option}': expected host:port, got '${text}'`);
  }
  return { host: match[1] ?? match[2]!, port };
}

/** As it stands in addresses. */
export function hostText({ host, port }: HostInfo): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

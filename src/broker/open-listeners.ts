import { isIP } from 'node:net';
import { MillraceError } from '../base/errors.ts';
import type { BrokerSettings } from '../metadata/config/broker-settings.ts';
import { HTTP_LISTENER } from '../metadata/config/listener-scope.ts';

const PROPERTY = 'millrace.insecure';

/**
 * Refuses a start that would let everybody in who can reach this machine. With an authorizer
 * strangers are held to the rights of User:ANONYMOUS.
 */
export function refuseOpenListeners(settings: BrokerSettings): void {
  if (settings.isInsecure || settings.authorization !== null) return;
  for (const { name, host, securityProtocol } of settings.listeners) {
    if (isLoopback(host) || securityProtocol.startsWith('SASL_')) continue;
    if (settings.tls.get(name)?.clientAuth === 'required') continue;
    throw refused(`listener ${name}`, host, 'use SASL_SSL, or SSL with ssl.client.auth=required');
  }
  const { http } = settings;
  if (http === null || http.isGuarded || isLoopback(http.host)) return;
  if (settings.tls.get(HTTP_LISTENER)?.clientAuth === 'required') return;
  throw refused('millrace.http.listener', http.host, 'set millrace.http.authentication=required');
}

function refused(what: string, host: string, remedy: string): MillraceError {
  const where = host === '' ? 'every address' : host;
  const message =
    `${what} lets everybody in on ${where}: ${remedy}, listen on 127.0.0.1, ` +
    `or set ${PROPERTY}=true where the network keeps strangers out`;
  return new MillraceError('MILLRACE_BAD_CONFIG', message);
}

function isLoopback(host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (plain === 'localhost' || plain === '::1') return true;
  return isIP(plain) === 4 && plain.startsWith('127.');
}

import { isDeepStrictEqual } from 'node:util';
import { reasonOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { TlsContext } from '../front/net/tls/tls-context.ts';
import { unservedByUws } from '../gateway/engine/uws-limits.ts';
import { type BrokerConfig, LISTENER_NAME } from '../metadata/config/broker-config.ts';
import type { HttpEndpoint } from '../metadata/config/broker-endpoints.ts';
import { type BrokerSettings, brokerSettings } from '../metadata/config/broker-settings.ts';
import { HTTP_LISTENER } from '../metadata/config/listener-scope.ts';
import type { TlsListenerSettings } from '../metadata/config/tls-settings.ts';
import type { LoadedConfig } from './config.ts';

/**
 * The settings that a broker starts with: those of its file, with what AlterConfigs has set on top.
 * Where that does not fit the file any more, or a certificate is gone, those of the file hold.
 */
export function settingsInForce(
  config: BrokerConfig,
  { settings: ofFile }: LoadedConfig,
  logger: Logger,
): BrokerSettings {
  if (config.dynamicNames.length === 0) return ofFile;
  try {
    const settings = brokerSettings(config);
    for (const [listener, tls] of settings.tls) {
      if (!isDeepStrictEqual(tls, ofFile.tls.get(listener))) new TlsContext(tls);
    }
    return settings;
  } catch (thrown) {
    const why = reasonOf(thrown);
    logger.error(`what was set while the broker ran has no effect now: ${why}`);
    return ofFile;
  }
}

/** Why the broker cannot go on with another configuration, or null. */
export function errorOfBrokerConfig(next: BrokerConfig, now: BrokerConfig): string | null {
  try {
    const { tls, http } = brokerSettings(next);
    const inUse = tlsOf(now);
    for (const name of next.dynamicNames) refuseUnknownListener(name, tls);
    for (const [listener, settings] of tls) {
      const before = inUse.get(listener);
      if (isDeepStrictEqual(before, settings)) continue;
      const context = new TlsContext(settings);
      if (before === undefined) continue;
      refuseOtherOwner(context, before);
      if (listener === HTTP_LISTENER && http !== null) refuseUnserved(settings, before, http);
    }
    return null;
  } catch (thrown) {
    return reasonOf(thrown);
  }
}

/** Nothing where the configuration is not valid as a whole: then it may be about to be mended. */
function tlsOf(config: BrokerConfig): BrokerSettings['tls'] {
  try {
    return brokerSettings(config).tls;
  } catch {
    return new Map();
  }
}

function refuseUnknownListener(name: string, tls: ReadonlyMap<string, TlsListenerSettings>): void {
  const listener = LISTENER_NAME.exec(name)?.[1];
  if (listener === undefined || tls.has(listener.toUpperCase())) return;
  throw new Error(`${name}: there is no listener ${listener.toUpperCase()} with TLS`);
}

/** Which engine serves HTTP is settled at the start. */
function refuseUnserved(
  settings: TlsListenerSettings,
  before: TlsListenerSettings,
  { engine }: HttpEndpoint,
): void {
  if (engine === 'node' || unservedByUws(before) !== null) return;
  const unserved = unservedByUws(settings);
  if (unserved === null) return;
  throw new Error(`uWebSockets.js does not serve ${unserved}: set millrace.http.engine=node`);
}

/** The clients of a listener know it by the names in its certificate. */
function refuseOtherOwner(context: TlsContext, before: TlsListenerSettings): void {
  const { allowsOtherName, allowsFewerHosts } = context.settings;
  if (allowsOtherName && allowsFewerHosts) return;
  const old = certificateOf(before);
  if (old === null) return;
  const { subject, subjectAltName } = context.certificate;
  if (!allowsOtherName && subject !== old.subject) {
    const names = `${inOneLine(subject)}, and ${inOneLine(old.subject)} in the certificate in use`;
    const message = `the distinguished name is ${names}`;
    throw new Error(`${message}; set ssl.allow.dn.changes=true in server.properties to allow it`);
  }
  const hosts = new Set(namesIn(subjectAltName));
  const lost = namesIn(old.subjectAltName).filter((host) => !hosts.has(host));
  if (allowsFewerHosts || lost.length === 0) return;
  const message = `the certificate is not for ${lost.join(', ')}, as the one in use is`;
  throw new Error(`${message}; set ssl.allow.san.changes=true in server.properties to allow it`);
}

/** Null where it cannot be read any more. */
function certificateOf(settings: TlsListenerSettings): TlsContext['certificate'] | null {
  try {
    return new TlsContext(settings).certificate;
  } catch {
    return null;
  }
}

/** Node writes each part of a name in a line of its own. */
function inOneLine(subject: string): string {
  return subject.replaceAll('\n', ', ');
}

function namesIn(subjectAltName: string | undefined): string[] {
  return subjectAltName === undefined ? [] : subjectAltName.split(', ');
}

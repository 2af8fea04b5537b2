import { readFileSync } from 'node:fs';
import { MillraceError, reasonOf } from '../base/errors.ts';
import { BrokerConfig } from '../metadata/config/broker-config.ts';
import { type BrokerSettings, brokerSettings } from '../metadata/config/broker-settings.ts';
import { CLUSTER_PROPERTIES } from '../metadata/config/cluster-settings.ts';
import { HTTP_LISTENER } from '../metadata/config/listener-scope.ts';
import { parseProperties } from './config-properties.ts';

/** `startBroker({ config })`: Kafka's names, with strings, numbers and booleans as values. */
export type ConfigObject = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

export interface ConfigSources {
  /** Path of server.properties. */
  readonly file?: string | undefined;
  /** `name=value`. Each one replaces what the file says. */
  readonly overrides?: readonly string[] | undefined;
  /** Replaces what the file says, and is replaced by the overrides. */
  readonly config?: ConfigObject | undefined;
}

export interface LoadedConfig {
  readonly config: BrokerConfig;
  readonly settings: BrokerSettings;
  /** Log lines about properties that are accepted and have no effect. */
  readonly warnings: readonly string[];
}

/** Loads the configuration of a file, a command line or a host. Throws MILLRACE_BAD_CONFIG. */
export function loadConfig(sources: ConfigSources = {}): LoadedConfig {
  const texts = new Map<string, string>();
  if (sources.file !== undefined) {
    for (const [name, value] of readPropertiesFile(sources.file)) texts.set(name, value);
  }
  for (const [name, value] of Object.entries(sources.config ?? {})) {
    if (value !== undefined) texts.set(name, textOf(name, value));
  }
  for (const override of sources.overrides ?? []) {
    const at = override.indexOf('=');
    if (at < 1) {
      const message = `--override ${override}: expected name=value`;
      throw new MillraceError('MILLRACE_BAD_CONFIG', message);
    }
    texts.set(override.slice(0, at).trim(), override.slice(at + 1).trim());
  }
  const config = BrokerConfig.of(texts);
  const settings = brokerSettings(config);
  return { config, settings, warnings: warningsOf(config, settings) };
}

function readPropertiesFile(file: string): Map<string, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    const message = `cannot read ${file}: ${reasonOf(thrown)}`;
    throw new MillraceError('MILLRACE_BAD_CONFIG', message, thrown);
  }
  return parseProperties(text, file);
}

function textOf(name: string, value: NonNullable<ConfigObject[string]>): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return value.join(',');
  if (typeof value === 'number' && Number.isFinite(value)) {
    return Number.isInteger(value) ? BigInt(value).toString() : String(value);
  }
  const expected = 'expected a string, a finite number, a boolean or an array of strings';
  throw new MillraceError('MILLRACE_BAD_CONFIG', `${name}: ${expected}`);
}

function warningsOf(config: BrokerConfig, settings: BrokerSettings): string[] {
  const warnings: string[] = [];
  const followed = settings.cluster === null ? [] : CLUSTER_PROPERTIES;
  const inert = config.inertNames().filter((name) => !followed.includes(name));
  if (inert.length > 0) warnings.push(`accepted, without effect: ${inert.sort().join(', ')}`);
  if (settings.skippedListeners.length > 0) {
    const names = settings.skippedListeners.join(', ');
    warnings.push(`controller listeners are not opened: ${names}`);
  }
  const { http } = settings;
  const areCertified = settings.tls.get(HTTP_LISTENER)?.clientAuth === 'required';
  if (settings.sasl.size > 0 && http !== null && !http.isGuarded && !areCertified) {
    warnings.push(
      'millrace.http.listener: its clients are not asked who they are; ' +
        'set millrace.http.authentication=required',
    );
  }
  for (const [name, { mechanisms }] of settings.sasl) {
    if (settings.tls.has(name)) continue;
    // Over HTTP every password comes as it is.
    const isBare = ({ name: mechanism }: { readonly name: string }) =>
      mechanism === 'PLAIN' || (name === HTTP_LISTENER && mechanism !== 'OAUTHBEARER');
    const bare = mechanisms.filter(isBare).map((mechanism) => mechanism.name);
    if (bare.length === 0) continue;
    const whose = `the passwords of ${bare.join(' and ')}`;
    warnings.push(`listener ${name}: without TLS ${whose} can be read on their way`);
  }
  return warnings;
}

import { assert } from '../../base/assert.ts';
import { closestName } from '../../base/closest-name.ts';
import { MillraceError } from '../../base/errors.ts';
import { CONFIG_SOURCE, type ConfigDefinition } from './config-definition.ts';
import { booleanOf, errorOfValue, listOf, numberOf } from './config-value.ts';
import { BROKER_CONFIGS } from './definitions.ts';
import type { Synonym } from './synonyms.ts';

export type ConfigTexts = ReadonlyMap<string, string>;

/** One of the levels at which a broker configuration has a value. */
export interface ConfigLevelValue {
  readonly name: string;
  readonly value: string;
  readonly source: number;
  readonly factor: number;
}

const NOTHING: ConfigTexts = new Map();

/**
 * The broker's configuration: server.properties with its overrides, then the values that
 * AlterConfigs set for all brokers, then those for this broker. A change makes a new object.
 */
export class BrokerConfig {
  readonly #fixed: ConfigTexts;
  readonly #forAll: ConfigTexts;
  readonly #forThis: ConfigTexts;

  private constructor(fixed: ConfigTexts, forAll: ConfigTexts, forThis: ConfigTexts) {
    this.#fixed = fixed;
    this.#forAll = forAll;
    this.#forThis = forThis;
  }

  /** Throws MILLRACE_BAD_CONFIG with one line about the first name or value that is wrong. */
  static of(fixed: ConfigTexts = NOTHING): BrokerConfig {
    for (const [name, value] of fixed) checkBrokerConfig(name, value);
    return new BrokerConfig(fixed, NOTHING, NOTHING);
  }

  withDynamic(forAll: ConfigTexts = NOTHING, forThis: ConfigTexts = NOTHING): BrokerConfig {
    return new BrokerConfig(this.#fixed, forAll, forThis);
  }

  /** The value in force, or null when there is neither a value nor a default. */
  text(name: string): string | null {
    const definition = brokerConfigDefinition(name);
    assert(definition !== null, `${name} is no broker configuration`);
    return (
      this.#forThis.get(name) ??
      this.#forAll.get(name) ??
      this.#fixed.get(name) ??
      definition.defaultValue
    );
  }

  knows(name: string): boolean {
    return BROKER_CONFIGS.has(name);
  }

  /** Whether a value is set at any level. */
  isSet(name: string): boolean {
    return this.#forThis.has(name) || this.#forAll.has(name) || this.#fixed.has(name);
  }

  number(name: string): number {
    const text = this.text(name);
    assert(text !== null, `${name} has no value`);
    return numberOf(text);
  }

  boolean(name: string): boolean {
    return booleanOf(this.text(name) ?? 'false');
  }

  list(name: string): string[] {
    return listOf(this.text(name) ?? '');
  }

  /** Values of all levels, the one in force first. */
  levels(synonyms: readonly Synonym[]): ConfigLevelValue[] {
    const found: ConfigLevelValue[] = [];
    const collect = (texts: ConfigTexts, source: number) => {
      for (const { name, factor } of synonyms) {
        const value = texts.get(name);
        if (value !== undefined) found.push({ name, value, source, factor });
      }
    };
    collect(this.#forThis, CONFIG_SOURCE.DYNAMIC_BROKER);
    collect(this.#forAll, CONFIG_SOURCE.DYNAMIC_DEFAULT_BROKER);
    collect(this.#fixed, CONFIG_SOURCE.STATIC_BROKER);
    for (const { name, factor } of synonyms) {
      const value = BROKER_CONFIGS.get(name)?.defaultValue ?? null;
      if (value !== null) found.push({ name, value, source: CONFIG_SOURCE.DEFAULT, factor });
    }
    return found;
  }

  /** Names that have a value at any level. */
  get setNames(): ReadonlySet<string> {
    return new Set([...this.#fixed.keys(), ...this.dynamicNames]);
  }

  /** Names that AlterConfigs gave a value. */
  get dynamicNames(): readonly string[] {
    return [...this.#forAll.keys(), ...this.#forThis.keys()];
  }

  /** Names that are set in the file and have no effect here. */
  inertNames(): string[] {
    return [...this.#fixed.keys()].filter((name) => {
      const definition = brokerConfigDefinition(name);
      return definition === null || definition.effect === 'inert';
    });
  }
}

/** A listener's name in lower case, and a name of its configuration. */
export const LISTENER_NAME = /^listener\.name\.([^.]+)\.(.+)$/;

/** What has an effect with a listener's prefix, where it also stands for that listener alone. */
const LISTENER_CONFIGS: ReadonlySet<string> = new Set([
  'connections.max.reauth.ms',
  'millrace.sasl.users',
  'sasl.enabled.mechanisms',
  'sasl.jaas.config',
  'sasl.oauthbearer.clock.skew.seconds',
  'sasl.oauthbearer.expected.audience',
  'sasl.oauthbearer.expected.issuer',
  'sasl.oauthbearer.jwks.endpoint.refresh.ms',
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms',
  'sasl.oauthbearer.jwks.endpoint.url',
  'sasl.oauthbearer.scope.claim.name',
  'sasl.oauthbearer.sub.claim.name',
  'sasl.server.callback.handler.class',
  'sasl.server.max.receive.size',
  'ssl.allow.dn.changes',
  'ssl.allow.san.changes',
  'ssl.cipher.suites',
  'ssl.client.auth',
  'ssl.enabled.protocols',
  'ssl.key.password',
  'ssl.keystore.certificate.chain',
  'ssl.keystore.key',
  'ssl.keystore.location',
  'ssl.keystore.password',
  'ssl.keystore.type',
  'ssl.principal.mapping.rules',
  'ssl.truststore.certificates',
  'ssl.truststore.location',
  'ssl.truststore.password',
  'ssl.truststore.type',
]);

/** The definition of a name, with or without a listener's prefix. Null for a plugin's name. */
export function brokerConfigDefinition(name: string): ConfigDefinition | null {
  const plain = LISTENER_NAME.exec(name)?.[2];
  if (plain === undefined) return BROKER_CONFIGS.get(name) ?? null;
  // Per-listener and per-mechanism forms ("listener.name.x.plain.sasl.jaas.config").
  const definition = BROKER_CONFIGS.get(plain) ?? BROKER_CONFIGS.get(plain.replace(/^[^.]+\./, ''));
  if (definition === undefined) return null;
  // A listener's value falls back to the broker's, so it has no default of its own.
  const effect = LISTENER_CONFIGS.has(definition.name) ? 'honoured' : 'inert';
  return { ...definition, name, effect, defaultValue: null };
}

/** Settings of plugins, and of Kafka's clients inside the broker. Only they know the names. */
const FOREIGN_PREFIXES = ['rlmm.config.', 'rsm.config.', 'config.providers.'];

/** Names that people write although Kafka does not have them, and why they are refused. */
const REFUSED_NAMES: ReadonlyMap<string, string> = new Map([
  ['zookeeper.connect', 'millrace keeps its metadata itself; remove this line'],
]);

function checkBrokerConfig(name: string, value: string): void {
  const why = REFUSED_NAMES.get(name);
  if (why !== undefined) throw new MillraceError('MILLRACE_BAD_CONFIG', `${name}: ${why}`);
  if (FOREIGN_PREFIXES.some((prefix) => name.startsWith(prefix))) return;
  const definition = brokerConfigDefinition(name);
  if (definition === null) throw unknownName(name);
  const error = errorOfValue(definition, value);
  if (error !== null) throw new MillraceError('MILLRACE_BAD_CONFIG', oneLine(error));
  if (definition.effect === 'refused' && value.trim() !== (definition.defaultValue ?? '')) {
    const sentence = definition.documentation.split('; ')[1] ?? 'millrace does not have this';
    const message = `${name}=${oneLine(value)}: ${sentence} Remove this line.`;
    throw new MillraceError('MILLRACE_BAD_CONFIG', message);
  }
}

function unknownName(name: string): MillraceError {
  const near = closestName(name, BROKER_CONFIGS.keys());
  const hint = near === null ? '' : `; did you mean ${near}?`;
  return new MillraceError('MILLRACE_BAD_CONFIG', `Unknown configuration ${oneLine(name)}${hint}`);
}

/** An error message is one line, whatever the user typed. */
function oneLine(text: string): string {
  const flat = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll('\\\\', '\\');
  return flat.length > 300 ? `${flat.slice(0, 300)}...` : flat;
}

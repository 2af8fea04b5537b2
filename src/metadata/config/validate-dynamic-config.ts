import { brokerConfigDefinition, type ConfigTexts, LISTENER_NAME } from './broker-config.ts';
import { errorOfValue } from './config-value.ts';
import { BROKER_CONFIGS } from './definitions.ts';

/**
 * What is wrong with values that AlterConfigs sets on top of server.properties, or null. `broker`
 * is '' where they are for all brokers.
 */
export function errorOfDynamicConfig(texts: ConfigTexts, broker: string): string | null {
  const fixed: string[] = [];
  const unprefixed: string[] = [];
  const ofOneBroker: string[] = [];
  let wrongValue: string | null = null;
  for (const [name, value] of texts) {
    const definition = brokerConfigDefinition(name);
    if (definition === null) return `Unknown broker config name: ${name}`;
    if (!isDynamic(name)) fixed.push(name);
    else if (definition.mode === 'per-broker') {
      if (BROKER_CONFIGS.has(name)) unprefixed.push(name);
      ofOneBroker.push(name);
    }
    wrongValue ??= errorOfValue(definition, value);
  }
  if (fixed.length > 0) return refusalOf('Cannot update these configs dynamically', fixed);
  if (unprefixed.length > 0) return refusalOf(NEEDS_LISTENER, unprefixed);
  if (wrongValue !== null) return wrongValue;
  return broker === '' && ofOneBroker.length > 0 ? refusalOf(NEEDS_BROKER, ofOneBroker) : null;
}

const NEEDS_LISTENER =
  'These security configs can be dynamically updated only per-listener using the listener prefix';
const NEEDS_BROKER =
  'Cannot update these configs at default cluster level, broker id must be specified';

function refusalOf(why: string, names: readonly string[]): string {
  return `${why}: [${names.join(', ')}]`;
}

/** With a listener's prefix keys and certificates are dynamic, and nothing else. */
function isDynamic(name: string): boolean {
  const ofListener = LISTENER_NAME.exec(name)?.[2];
  if (ofListener === undefined) return BROKER_CONFIGS.get(name)?.mode !== 'read-only';
  return BROKER_CONFIGS.get(ofListener)?.mode === 'per-broker';
}

import type { ConfigTexts } from './broker-config.ts';
import { errorOfValue } from './config-value.ts';
import { BROKER_CONFIGS } from './definitions.ts';

/** What is wrong with values that AlterConfigs sets on top of server.properties, or null. */
export function errorOfDynamicConfig(texts: ConfigTexts): string | null {
  const fixed: string[] = [];
  for (const [name, value] of texts) {
    const definition = BROKER_CONFIGS.get(name);
    if (definition === undefined) return `Unknown broker config name: ${name}`;
    if (definition.mode === 'read-only') fixed.push(name);
    const error = errorOfValue(definition, value);
    if (error !== null) return error;
  }
  if (fixed.length === 0) return null;
  return `Cannot update these configs dynamically: [${fixed.join(', ')}]`;
}

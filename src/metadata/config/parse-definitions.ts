import { assert } from '../../base/assert.ts';
import {
  CONFIG_TYPE_CODE,
  type ConfigCheck,
  type ConfigDefinition,
  type ConfigDefinitions,
  type ConfigEffect,
  type ConfigMode,
  type ConfigType,
} from './config-definition.ts';

/**
 * A table holds two lines a configuration:
 *
 *   name | TYPE | default | check | flags
 *     documentation
 *
 * default   `-` none, `''` the empty text
 * check     `-` anything, `1..` at least, `1..9` between, `1..9 or -1`, `one of a,b`,
 *           `any case of a,b`, `throttled-replicas`
 * flags     `cluster-wide`, `per-broker`, `inert`, `refused`, `internal`
 */
export function parseDefinitions(tables: readonly string[]): ConfigDefinitions {
  const definitions = new Map<string, ConfigDefinition>();
  for (const table of tables) {
    const lines = table.split('\n').filter((line) => line !== '');
    assert(lines.length % 2 === 0, 'a configuration table has a row without documentation');
    for (let i = 0; i < lines.length; i += 2) {
      const definition = parseRow(lines[i]!, lines[i + 1]!.trim());
      assert(!definitions.has(definition.name), `two definitions of ${definition.name}`);
      definitions.set(definition.name, definition);
    }
  }
  return definitions;
}

function parseRow(row: string, documentation: string): ConfigDefinition {
  const cells = row.split('|').map((cell) => cell.trim());
  assert(cells.length === 5, `a configuration row does not have five cells: ${row}`);
  const [name, type, defaultValue, check, flags] = cells as [
    string,
    string,
    string,
    string,
    string,
  ];
  assert(type in CONFIG_TYPE_CODE, `unknown type of ${name}: ${type}`);
  const words = flags === '' ? [] : flags.split(' ');
  return {
    name,
    type: type as ConfigType,
    defaultValue: defaultValue === '-' ? null : defaultValue === "''" ? '' : defaultValue,
    check: parseCheck(check),
    mode: modeOf(words),
    effect: effectOf(words),
    internal: words.includes('internal'),
    documentation,
  };
}

function modeOf(words: readonly string[]): ConfigMode {
  if (words.includes('cluster-wide')) return 'cluster-wide';
  return words.includes('per-broker') ? 'per-broker' : 'read-only';
}

function effectOf(words: readonly string[]): ConfigEffect {
  if (words.includes('inert')) return 'inert';
  return words.includes('refused') ? 'refused' : 'honoured';
}

function parseCheck(text: string): ConfigCheck {
  if (text === '-') return { kind: 'any' };
  if (text === 'throttled-replicas') return { kind: 'throttled-replicas' };
  if (text.startsWith('one of ')) {
    return { kind: 'one-of', values: text.slice(7).split(','), anyCase: false };
  }
  if (text.startsWith('any case of ')) {
    return { kind: 'one-of', values: text.slice(12).split(','), anyCase: true };
  }
  const match = /^(-?[\d.]*\d)\.\.(-?[\d.]*\d)?(?: or (-?\d+))?$/.exec(text);
  assert(match !== null, `unknown check in a configuration table: ${text}`);
  return {
    kind: 'range',
    min: Number(match[1]),
    max: match[2] === undefined ? Number.POSITIVE_INFINITY : Number(match[2]),
    or: match[3] === undefined ? null : Number(match[3]),
  };
}

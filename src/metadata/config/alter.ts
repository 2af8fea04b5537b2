import { ERROR } from '../../base/kafka-errors.ts';
import { type Refusal, refusal } from '../refusal.ts';
import type { ConfigTexts } from './broker-config.ts';
import type { ConfigDefinitions } from './config-definition.ts';
import { listOf } from './config-value.ts';

/** The numbers of IncrementalAlterConfigs. */
export const ALTER_OPERATION = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;

export interface ConfigAlteration {
  readonly name: string;
  /** One of ALTER_OPERATION. */
  readonly operation: number;
  readonly value: string | null;
}

/** A name with its new value. Null removes the resource's own value. */
export interface ConfigChange {
  readonly name: string;
  readonly value: string | null;
}

export type Altered =
  | { readonly refused: Refusal }
  | {
      readonly refused: null;
      readonly changes: readonly ConfigChange[];
      readonly texts: ConfigTexts;
    };

/**
 * The changes that IncrementalAlterConfigs makes to a resource's own values. APPEND and SUBTRACT
 * start from the list that `inherited` gives when the resource has no value of its own.
 */
export function alterIncrementally(
  definitions: ConfigDefinitions,
  current: ConfigTexts,
  alterations: readonly ConfigAlteration[],
  inherited: (name: string) => string | null,
): Altered {
  const refused = errorOfAlterations(definitions, alterations);
  if (refused !== null) return { refused };
  const texts = new Map(current);
  for (const { name, operation, value } of alterations) {
    if (operation === ALTER_OPERATION.DELETE) texts.delete(name);
    else if (operation === ALTER_OPERATION.SET) texts.set(name, value!);
    else {
      const before = listOf(current.get(name) ?? inherited(name) ?? '');
      const items = listOf(value!);
      const after =
        operation === ALTER_OPERATION.APPEND
          ? [...before, ...items.filter((item) => !before.includes(item))]
          : before.filter((item) => !items.includes(item));
      texts.set(name, after.join(','));
    }
  }
  return { refused: null, changes: changesBetween(current, texts), texts };
}

function errorOfAlterations(
  definitions: ConfigDefinitions,
  alterations: readonly ConfigAlteration[],
): Refusal | null {
  const names = new Set(alterations.map(({ name }) => name));
  if (names.size !== alterations.length) {
    return refusal(ERROR.INVALID_REQUEST, 'Error due to duplicate config keys');
  }
  for (const { name, operation, value } of alterations) {
    const isList = definitions.get(name)?.type === 'LIST';
    switch (operation) {
      case ALTER_OPERATION.DELETE:
        continue;
      case ALTER_OPERATION.SET:
        break;
      case ALTER_OPERATION.APPEND:
      case ALTER_OPERATION.SUBTRACT: {
        if (isList) break;
        const verb = operation === ALTER_OPERATION.APPEND ? 'APPEND' : 'SUBTRACT';
        const message = `Can't ${verb} to key ${name} because its type is not LIST.`;
        return refusal(ERROR.INVALID_CONFIG, message);
      }
      default: {
        const message = `Unknown operation ${operation} for config ${name}`;
        return refusal(ERROR.INVALID_REQUEST, message);
      }
    }
    if (value === null) {
      return refusal(ERROR.INVALID_REQUEST, `Null value not supported for : ${name}`);
    }
  }
  return null;
}

/** The changes that the older AlterConfigs makes: values that are not given are removed. */
export function alterByReplacing(current: ConfigTexts, given: readonly ConfigChange[]): Altered {
  const texts = new Map<string, string>();
  for (const { name, value } of given) {
    if (texts.has(name)) {
      const refused = refusal(ERROR.INVALID_REQUEST, 'Error due to duplicate config keys');
      return { refused };
    }
    if (value === null) {
      const message = `Null value not supported for : ${name}`;
      return { refused: refusal(ERROR.INVALID_REQUEST, message) };
    }
    texts.set(name, value);
  }
  return { refused: null, changes: changesBetween(current, texts), texts };
}

function changesBetween(before: ConfigTexts, after: ConfigTexts): ConfigChange[] {
  const changes: ConfigChange[] = [];
  for (const [name, value] of after) {
    if (before.get(name) !== value) changes.push({ name, value });
  }
  for (const name of before.keys()) {
    if (!after.has(name)) changes.push({ name, value: null });
  }
  return changes;
}

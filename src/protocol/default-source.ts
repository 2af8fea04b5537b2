import { defaultSource, type ResolvedField } from './resolved-struct.ts';

/** The expression an encoder puts in place of a field that was left out. */
export function emptySource(field: ResolvedField): string {
  const isStruct = field.struct !== null && !field.isArray;
  // A struct fills itself from the defaults of its fields; what has none is then missed by name.
  return isStruct && field.defaultValue === undefined ? '{}' : defaultSource(field);
}

/** The condition under which `value` says no more than a field that was left out. */
export function isDefaultSource(field: ResolvedField, value: string): string {
  return `${value} === undefined || ${isEqualToDefault(field, value)}`;
}

function isEqualToDefault(field: ResolvedField, value: string): string {
  if (field.defaultValue !== undefined) return `${value} === ${defaultSource(field)}`;
  if (field.isArray || field.struct === null) {
    return `${value} !== null && ${value}.length === 0`;
  }
  const members = field.struct.fields.map(
    (each) => `(${isDefaultSource(each, `${value}.${each.name}`)})`,
  );
  return [`${value} !== null`, ...members].join(' && ');
}

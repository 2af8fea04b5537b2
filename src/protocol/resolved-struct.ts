import type { Field, MessageSchema, PrimitiveType, Struct } from './schema-dsl.ts';
import { INT64_MAX, ZERO_UUID } from './schema-dsl.ts';
import { includesVersion, parseVersions } from './version-range.ts';

/** A field as it is in one version of a message. */
export interface ResolvedField {
  readonly name: string;
  /** 'struct' and `struct` where the value, or each element of the array, is one. */
  readonly type: PrimitiveType | 'struct';
  readonly struct: ResolvedStruct | null;
  readonly isArray: boolean;
  readonly isPresent: boolean;
  readonly isNullable: boolean;
  /** Whether an encoder may be given a message without the field. */
  readonly isOptional: boolean;
  readonly isIgnorable: boolean;
  readonly isHash: boolean;
  /** Lengths as varints instead of int16 and int32. */
  readonly isCompact: boolean;
  /** -1 for a field that is written in its place. */
  readonly tag: number;
  /** null, or the number, string or boolean; undefined for what is empty by default. */
  readonly defaultValue: number | string | boolean | null | undefined;
}

export interface ResolvedStruct {
  readonly fields: readonly ResolvedField[];
  readonly hasTags: boolean;
}

const FIXED_SIZES: { readonly [type in PrimitiveType]: number } = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  float64: 8,
  uuid: 16,
  string: 0,
  bytes: 0,
  records: 0,
};

/** The size of a value that always has the same one, 0 for others. */
export function fixedSizeOf(field: ResolvedField): number {
  return field.isArray || field.type === 'struct' ? 0 : FIXED_SIZES[field.type];
}

/** The fewest bytes in which one element of an array can be written. */
export function smallestElementSize(field: ResolvedField): number {
  if (field.struct !== null) return Math.max(1, smallestStructSize(field.struct));
  return Math.max(1, FIXED_SIZES[field.type as PrimitiveType]);
}

function smallestStructSize(struct: ResolvedStruct): number {
  let size = struct.hasTags ? 1 : 0;
  for (const field of struct.fields) {
    if (field.isPresent && field.tag < 0) size += smallestFieldSize(field);
  }
  return size;
}

function smallestFieldSize(field: ResolvedField): number {
  if (fixedSizeOf(field) > 0) return fixedSizeOf(field);
  if (field.struct !== null && !field.isArray) {
    return field.isNullable ? 1 : smallestStructSize(field.struct);
  }
  if (field.isCompact) return 1;
  return field.type === 'string' && !field.isArray ? 2 : 4;
}

export function resolveMessage(schema: MessageSchema<unknown>, version: number): ResolvedStruct {
  const isFlexible = includesVersion(parseVersions(schema.flexible), version);
  return resolveStruct(schema, schema.body, version, isFlexible);
}

function resolveStruct(
  schema: MessageSchema<unknown>,
  struct: Struct<unknown>,
  version: number,
  isFlexible: boolean,
): ResolvedStruct {
  const fields = Object.entries(struct.fields).map(([name, field]) =>
    resolveField(schema, name, field, version, isFlexible),
  );
  return { fields, hasTags: isFlexible };
}

function resolveField(
  schema: MessageSchema<unknown>,
  name: string,
  field: Field<unknown>,
  version: number,
  isFlexible: boolean,
): ResolvedField {
  const isIn = (versions: string | undefined) =>
    versions !== undefined && includesVersion(parseVersions(versions), version);
  const hasStruct = typeof field.type === 'object';
  return {
    name,
    type: hasStruct ? 'struct' : (field.type as PrimitiveType),
    struct: hasStruct
      ? resolveStruct(schema, field.type as Struct<unknown>, version, isFlexible)
      : null,
    isArray: field.isArray,
    isPresent: isIn(field.versions),
    isNullable: isIn(field.nullable),
    isOptional:
      field.default !== undefined || field.ignorable === true || !coversAll(schema, field),
    isIgnorable: field.ignorable === true,
    isHash: field.hash === true,
    isCompact: isFlexible && field.flexible !== 'none',
    tag: isIn(field.tagged) ? field.tag! : -1,
    defaultValue: defaultOf(field),
  };
}

/** Untagged, and in every version of the message. */
function coversAll(schema: MessageSchema<unknown>, field: Field<unknown>): boolean {
  if (field.tag !== undefined) return false;
  const all = parseVersions(schema.versions);
  const own = parseVersions(field.versions);
  return own.lowest <= all.lowest && own.highest >= all.highest;
}

function defaultOf(field: Field<unknown>): ResolvedField['defaultValue'] {
  if (field.default !== undefined) return field.default;
  if (field.isArray || typeof field.type === 'object' || field.type === 'bytes') return undefined;
  if (field.type === 'records') return null;
  if (field.type === 'bool') return false;
  if (field.type === 'string') return '';
  return field.type === 'uuid' ? ZERO_UUID : 0;
}

/** The default of a field; a new object each time. */
export function defaultValueOf(field: ResolvedField): unknown {
  if (field.defaultValue !== undefined) return field.defaultValue;
  if (field.isArray) return [];
  if (field.struct === null) return Buffer.alloc(0);
  return Object.fromEntries(field.struct.fields.map((each) => [each.name, defaultValueOf(each)]));
}

/** An element of an array, as a field of its own. */
export function elementOf(field: ResolvedField): ResolvedField {
  return { ...field, isArray: false, isNullable: false };
}

/** The JavaScript expression for the default of a field; a new object each time it runs. */
export function defaultSource(field: ResolvedField): string {
  if (field.defaultValue === INT64_MAX) return 'Number.MAX_SAFE_INTEGER';
  if (field.defaultValue !== undefined) return JSON.stringify(field.defaultValue);
  if (field.isArray) return '[]';
  if (field.struct === null) return 'R.EMPTY_BYTES';
  const members = field.struct.fields.map((each) => `${each.name}: ${defaultSource(each)}`);
  return `{ ${members.join(', ')} }`;
}

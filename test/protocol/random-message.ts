import {
  type ResolvedField,
  type ResolvedStruct,
  resolveMessage,
} from '../../src/protocol/resolved-struct.ts';
import type { MessageSchema } from '../../src/protocol/schema-dsl.ts';
import { ZERO_UUID } from '../../src/protocol/schema-dsl.ts';

/** A small seeded generator (mulberry32): a failing case can be run again. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
}

/** A message with a random value in each field that the version carries, defaults in the others. */
export function randomMessage(
  schema: MessageSchema<unknown>,
  version: number,
  random: () => number,
): unknown {
  return randomStruct(resolveMessage(schema, version), random);
}

/** What a decoder makes of a message that says nothing. */
export function defaultMessage(schema: MessageSchema<unknown>, version: number): unknown {
  return defaultStruct(resolveMessage(schema, version));
}

function randomStruct(struct: ResolvedStruct, random: () => number): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  for (const field of struct.fields) {
    const isDefault = !field.isPresent || (field.tag >= 0 && random() < 0.3);
    message[field.name] = isDefault ? defaultOf(field) : randomField(field, random);
  }
  return message;
}

function randomField(field: ResolvedField, random: () => number): unknown {
  if (field.isNullable && random() < 0.25) return null;
  if (!field.isArray) return randomValue(field, random);
  const count = Math.floor(random() * 4);
  return Array.from({ length: count }, () => randomValue(field, random));
}

function randomValue(field: ResolvedField, random: () => number): unknown {
  if (field.struct !== null) return randomStruct(field.struct, random);
  const integer = (bits: number) => Math.floor((random() - 0.5) * 2 ** bits);
  switch (field.type) {
    case 'bool':
      return random() < 0.5;
    case 'int8':
      return integer(8);
    case 'int16':
      return integer(16);
    case 'uint16':
      return integer(16) + 2 ** 15;
    case 'int32':
      return integer(32);
    case 'uint32':
      return integer(32) + 2 ** 31;
    case 'int64':
      return integer(random() < 0.5 ? 54 : 20);
    case 'float64':
      return (random() - 0.5) * 1e9;
    case 'string':
      return randomText(random);
    case 'uuid':
      return randomBytes(16, random).toString('base64url');
    default:
      return randomBytes(Math.floor(random() * 200), random);
  }
}

function randomBytes(length: number, random: () => number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}

const LETTERS = 'abcdefghij-._0123456789éß漢字🙂'.normalize('NFC');

function randomText(random: () => number): string {
  const length = Math.floor(random() * (random() < 0.1 ? 300 : 30));
  const letters = [...LETTERS].slice(0, random() < 0.7 ? 20 : undefined);
  return Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('');
}

function defaultStruct(struct: ResolvedStruct): Record<string, unknown> {
  return Object.fromEntries(struct.fields.map((field) => [field.name, defaultOf(field)]));
}

function defaultOf(field: ResolvedField): unknown {
  if (field.defaultValue !== undefined) return field.defaultValue;
  if (field.isArray) return [];
  if (field.struct !== null) return defaultStruct(field.struct);
  return field.type === 'uuid' ? ZERO_UUID : Buffer.alloc(0);
}

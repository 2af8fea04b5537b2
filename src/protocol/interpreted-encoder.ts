import type { ByteWriter } from './byte-writer.ts';
import type { Encoder } from './codec-encoder.ts';
import { encodeRuntime } from './encode-runtime.ts';
import { fieldPlace } from './field-place.ts';
import {
  defaultValueOf,
  elementOf,
  fixedSizeOf,
  type ResolvedField,
  type ResolvedStruct,
} from './resolved-struct.ts';

type Message = Record<string, unknown>;

/** Does what a compiled encoder does, slower, where code may not be made of text. */
export function interpretEncoder<T>(
  name: string,
  version: number,
  struct: ResolvedStruct,
): Encoder<T> {
  return (writer, message) => {
    writer.position = new Writing(name, version, writer).message(struct, message);
  };
}

/** One message as it is written. */
class Writing {
  readonly #place = fieldPlace();
  readonly #version: number;
  readonly #writer: ByteWriter;
  #at: number;
  /** The size that ends a tagged field is put in afterwards, which references would confuse. */
  #isInTag = false;

  constructor(name: string, version: number, writer: ByteWriter) {
    this.#place.enter(name);
    this.#version = version;
    this.#writer = writer;
    this.#at = writer.position;
  }

  message(struct: ResolvedStruct, message: unknown): number {
    this.#struct(struct, message);
    return this.#at;
  }

  #struct(struct: ResolvedStruct, value: unknown): void {
    if (typeof value !== 'object' || value === null) this.#bad('an object', value);
    const message = value as Message;
    for (const field of struct.fields) {
      if (field.isPresent && field.tag >= 0) continue;
      this.#place.enter(`.${field.name}`);
      if (field.isPresent) this.#value(field, givenOr(field, message[field.name]));
      // Kafka refuses to drop what a version cannot carry, unless the schema says it may.
      else if (!field.isIgnorable && !isDefault(field, message[field.name])) {
        encodeRuntime.unsupported(this.#version, ...this.#place.where);
      }
      this.#place.leave();
    }
    if (struct.hasTags) this.#tags(struct, message);
  }

  #value(field: ResolvedField, value: unknown): void {
    const size = fixedSizeOf(field);
    if (size > 0) {
      this.#room(size);
      this.#fixed(field.type, value);
      this.#at += size;
    } else if (field.isNullable && value === null) this.#null(field);
    else if (field.isArray) this.#array(field, value);
    else if (field.struct !== null) {
      if (field.isNullable) this.#byte(1);
      this.#struct(field.struct, value);
    } else if (field.type === 'string') this.#string(field, value);
    else this.#bytes(field, value);
  }

  #bad(type: string, value: unknown): never {
    return encodeRuntime.bad(type, value, ...this.#place.where);
  }

  #room(size: number): void {
    const { bytes } = this.#writer;
    if (bytes.length - this.#at < size) this.#at = this.#writer.grow(this.#at, size);
  }

  #byte(value: number): void {
    this.#room(1);
    this.#writer.bytes[this.#at++] = value;
  }

  #fixed(type: ResolvedField['type'], value: unknown): void {
    const { bytes } = this.#writer;
    const at = this.#at;
    const number = value as number;
    switch (type) {
      case 'bool':
        if (typeof value !== 'boolean') this.#bad('a boolean', value);
        bytes[at] = value ? 1 : 0;
        return;
      case 'int8':
        if ((number << 24) >> 24 !== value) this.#bad('an int8', value);
        bytes[at] = number;
        return;
      case 'int16':
        if ((number << 16) >> 16 !== value) this.#bad('an int16', value);
        bytes.writeInt16BE(number, at);
        return;
      case 'uint16':
        if ((number & 65_535) !== value) this.#bad('a uint16', value);
        bytes[at] = number >> 8;
        bytes[at + 1] = number;
        return;
      case 'int32':
        if ((number | 0) !== value) this.#bad('an int32', value);
        bytes.writeInt32BE(number, at);
        return;
      case 'uint32':
        if (number >>> 0 !== value) this.#bad('a uint32', value);
        bytes.writeUInt32BE(number, at);
        return;
      case 'int64':
        if (!Number.isSafeInteger(value)) this.#bad('an int64', value);
        encodeRuntime.int64(bytes, at, number);
        return;
      case 'float64':
        if (typeof value !== 'number') this.#bad('a number', value);
        bytes.writeDoubleBE(number, at);
        return;
      default:
        if (!encodeRuntime.uuid(bytes, at, value)) this.#bad('a uuid of 22 characters', value);
    }
  }

  #null(field: ResolvedField): void {
    const isStruct = field.struct !== null && !field.isArray;
    if (isStruct || field.isCompact) {
      this.#byte(isStruct ? 255 : 0);
      return;
    }
    const size = field.type === 'string' && !field.isArray ? 2 : 4;
    for (let left = size; left > 0; left--) this.#byte(255);
  }

  #string(field: ResolvedField, value: unknown): void {
    if (typeof value !== 'string') this.#bad('a string', value);
    const writer = this.#writer;
    const text = value as string;
    const at = this.#at;
    this.#at = field.isCompact ? writer.compactString(at, text) : writer.string(at, text);
    if (this.#at < 0) encodeRuntime.tooLong(...this.#place.where);
  }

  #bytes(field: ResolvedField, value: unknown): void {
    if (!(value instanceof Uint8Array)) this.#bad('a Buffer', value);
    const bytes = value as Buffer;
    this.#count(field, bytes.length);
    const writer = this.#writer;
    const at = this.#at;
    this.#at = this.#isInTag ? writer.rawBytes(at, bytes) : writer.bytesOrReference(at, bytes);
  }

  #count(field: ResolvedField, count: number): void {
    if (field.isCompact) {
      this.#at = this.#writer.uvarint(this.#at, count + 1);
      return;
    }
    this.#room(4);
    this.#at = this.#writer.bytes.writeInt32BE(count, this.#at);
  }

  #array(field: ResolvedField, value: unknown): void {
    if (!Array.isArray(value)) this.#bad('an array', value);
    const list = value as unknown[];
    this.#count(field, list.length);
    const element = elementOf(field);
    this.#place.enterElements();
    for (let i = 0; i < list.length; i++) {
      this.#place.moveTo(i);
      this.#value(element, list[i]);
    }
    this.#place.leaveElements();
  }

  /** Only tagged fields that differ from their defaults are written, in the order of the tags. */
  #tags(struct: ResolvedStruct, message: Message): void {
    const set = struct.fields
      .filter((field) => field.isPresent && field.tag >= 0)
      .filter((field) => !isDefault(field, message[field.name]))
      .sort((one, other) => one.tag - other.tag);
    this.#byte(set.length);
    for (const field of set) {
      this.#place.enter(`.${field.name}`);
      this.#tag(field, message[field.name]);
      this.#place.leave();
    }
  }

  #tag(field: ResolvedField, value: unknown): void {
    const wasInTag = this.#isInTag;
    this.#isInTag = true;
    const writer = this.#writer;
    this.#at = writer.uvarint(this.#at, field.tag);
    this.#room(1);
    const mark = this.#at - writer.start;
    this.#at++;
    this.#value(field, value);
    this.#at = writer.closeTag(this.#at, mark);
    this.#isInTag = wasInTag;
  }
}

function givenOr(field: ResolvedField, value: unknown): unknown {
  if (value !== undefined || !field.isOptional) return value;
  const isStruct = field.struct !== null && !field.isArray;
  // A struct fills itself from the defaults of its fields; what has none is then missed by name.
  return isStruct && field.defaultValue === undefined ? {} : defaultValueOf(field);
}

/** Whether the value says no more than a field that was left out. */
function isDefault(field: ResolvedField, value: unknown): boolean {
  if (value === undefined) return true;
  if (field.defaultValue !== undefined) return value === field.defaultValue;
  if (value === null) return false;
  if (field.isArray || field.struct === null) return (value as { length: number }).length === 0;
  return field.struct.fields.every((each) => isDefault(each, (value as Message)[each.name]));
}

import type { Decoder } from './codec-decoder.ts';
import { decodeRuntime, MAX_TAGS } from './decode-runtime.ts';
import { fieldPlace } from './field-place.ts';
import {
  defaultValueOf,
  elementOf,
  fixedSizeOf,
  type ResolvedField,
  type ResolvedStruct,
  smallestElementSize,
} from './resolved-struct.ts';

const STRING_BYTES_MAX = 32_767;

/**
 * Does what a compiled decoder does, slower, where code may not be made of text: pages with a
 * Content-Security-Policy.
 */
export function interpretDecoder<T>(
  name: string,
  struct: ResolvedStruct,
  maxElements: number,
): Decoder<T> {
  return (bytes, start, end) => {
    return new Reading(name, bytes, start, end, maxElements).struct(struct) as T;
  };
}

/** One message as it is read. */
class Reading {
  readonly #place = fieldPlace();
  readonly #bytes: Buffer;
  readonly #maxElements: number;
  #at: number;
  /** Of the message, or of the tagged field that is read. */
  #end: number;
  /** How many more structs and strings arrays may hold. */
  #left: number;

  constructor(name: string, bytes: Buffer, start: number, end: number, maxElements: number) {
    this.#place.enter(name);
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#maxElements = maxElements;
    this.#left = maxElements;
  }

  struct(struct: ResolvedStruct): Record<string, unknown> {
    const message: Record<string, unknown> = {};
    for (const field of struct.fields) {
      const isInPlace = field.isPresent && field.tag < 0;
      message[field.name] = isInPlace ? this.#named(field) : defaultValueOf(field);
    }
    if (struct.hasTags) this.#tags(struct, message);
    return message;
  }

  #named(field: ResolvedField): unknown {
    this.#place.enter(`.${field.name}`);
    const value = this.#value(field);
    this.#place.leave();
    return value;
  }

  #value(field: ResolvedField): unknown {
    const size = fixedSizeOf(field);
    if (size > 0) return field.isHash ? this.#hash() : this.#fixed(field.type, size);
    if (field.struct !== null && !field.isArray) {
      if (!field.isNullable) return this.struct(field.struct);
      this.#atLeast(1);
      return this.#bytes[this.#at++]! > 127 ? null : this.struct(field.struct);
    }
    const length = this.#length(field);
    if (length < 0) {
      if (!field.isNullable) decodeRuntime.isNull(...this.#place.where);
      return null;
    }
    if (field.isArray) return this.#elements(field, length);
    return this.#text(field, length);
  }

  #atLeast(size: number): void {
    if (this.#end - this.#at < size) decodeRuntime.short(...this.#place.where);
  }

  #hash(): number {
    this.#atLeast(8);
    this.#at += 8;
    return decodeRuntime.hash(this.#bytes, this.#at - 8);
  }

  #fixed(type: ResolvedField['type'], size: number): unknown {
    this.#atLeast(size);
    const bytes = this.#bytes;
    const at = this.#at;
    this.#at += size;
    switch (type) {
      case 'bool':
        return bytes[at] !== 0;
      case 'int8':
        return bytes.readInt8(at);
      case 'int16':
        return bytes.readInt16BE(at);
      case 'uint16':
        return (bytes[at]! << 8) | bytes[at + 1]!;
      case 'int32':
        return bytes.readInt32BE(at);
      case 'uint32':
        return bytes.readUInt32BE(at);
      case 'int64': {
        const value = decodeRuntime.int64(bytes, at);
        if (Number.isNaN(value)) decodeRuntime.wide(bytes, at, ...this.#place.where);
        return value;
      }
      case 'float64':
        return bytes.readDoubleBE(at);
      default:
        return decodeRuntime.uuid(bytes, at);
    }
  }

  /** A length or count, negative for null. */
  #length(field: ResolvedField): number {
    if (field.isCompact) return this.#varint() - 1;
    const isShort = field.type === 'string' && !field.isArray;
    return this.#fixed(isShort ? 'int16' : 'int32', isShort ? 2 : 4) as number;
  }

  #varint(): number {
    this.#atLeast(1);
    const value = decodeRuntime.uvarint(this.#bytes, this.#at, this.#end);
    if (value < 0) decodeRuntime.varint(...this.#place.where);
    this.#at = decodeRuntime.at;
    return value;
  }

  #text(field: ResolvedField, length: number): unknown {
    const isString = field.type === 'string';
    const left = this.#end - this.#at;
    if (length > left || (isString && length > STRING_BYTES_MAX)) {
      decodeRuntime.length(length, left, ...this.#place.where);
    }
    const start = this.#at;
    this.#at += length;
    if (isString) return decodeRuntime.string(this.#bytes, start, length);
    return this.#bytes.subarray(start, this.#at);
  }

  #elements(field: ResolvedField, count: number): unknown[] {
    const left = this.#end - this.#at;
    if (count * smallestElementSize(field) > left) {
      decodeRuntime.count(count, left, ...this.#place.where);
    }
    this.#left -= count;
    if (this.#left < 0) decodeRuntime.tooMany(this.#maxElements, ...this.#place.where);
    const element = elementOf(field);
    const found: unknown[] = [];
    this.#place.enterElements();
    for (let i = 0; i < count; i++) {
      this.#place.moveTo(i);
      found.push(this.#value(element));
    }
    this.#place.leaveElements();
    return found;
  }

  /** Known tags are read, all others skipped without a trace. */
  #tags(struct: ResolvedStruct, message: Record<string, unknown>): void {
    this.#place.enter(' (tags)');
    const count = this.#varint();
    if (count > MAX_TAGS || count * 2 > this.#end - this.#at) {
      decodeRuntime.tags(count, ...this.#place.where);
    }
    for (let left = count; left > 0; left--) {
      const tag = this.#varint();
      const size = this.#varint();
      const room = this.#end - this.#at;
      if (size > room) decodeRuntime.length(size, room, ...this.#place.where);
      const stop = this.#at + size;
      const field = struct.fields.find((each) => each.isPresent && each.tag === tag);
      this.#place.leave();
      if (field !== undefined) message[field.name] = this.#tagged(field, stop);
      this.#place.enter(' (tags)');
      this.#at = stop;
    }
    this.#place.leave();
  }

  #tagged(field: ResolvedField, stop: number): unknown {
    const outerEnd = this.#end;
    this.#end = stop;
    this.#place.enter(`.${field.name}`);
    const value = this.#value(field);
    if (this.#at !== stop) decodeRuntime.tagSize(field.tag, ...this.#place.where);
    this.#place.leave();
    this.#end = outerEnd;
    return value;
  }
}

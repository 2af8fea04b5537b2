import type { ByteWriter } from './byte-writer.ts';
import { emptySource, isDefaultSource } from './default-source.ts';
import { encodeRuntime } from './encode-runtime.ts';
import { fixedWriteSource } from './fixed-write-source.ts';
import { fixedSizeOf, type ResolvedField, type ResolvedStruct } from './resolved-struct.ts';
import { SourceBuilder } from './source-builder.ts';

/** Writes one message at the writer's position and leaves that behind it. */
export type Encoder<T> = (writer: ByteWriter, message: T) => void;

/**
 * Writes the source of an encoder for one version of a message: one function, as the decoder is.
 * `w` is the writer, `b` its bytes, `p` the position, `m` the message. Whatever may move the
 * message to a larger slab is followed by a fresh read of `b`.
 */
export function compileEncoder<T>(
  compile: (source: string, runtime: object) => unknown,
  name: string,
  version: number,
  struct: ResolvedStruct,
): Encoder<T> {
  const out = new SourceBuilder();
  new EncoderSource(out, version).struct(struct, 'm', name);
  // In parentheses it is compiled now, and not when the first message waits for it.
  const source = `'use strict';
return (function encode${name}(w, m) {
let b = w.bytes, p = w.position;
${out}
w.position = p;
});`;
  return compile(source, encodeRuntime) as Encoder<T>;
}

class EncoderSource {
  readonly #out: SourceBuilder;
  readonly #version: number;
  /** The size that ends a tagged field is put in afterwards, which references would confuse. */
  #isInTag = false;

  constructor(out: SourceBuilder, version: number) {
    this.#out = out;
    this.#version = version;
  }

  struct(struct: ResolvedStruct, object: string, path: string): void {
    const where = this.#out.where(path);
    this.#out.line(`if (typeof ${object} !== 'object' || ${object} === null) {`);
    this.#out.line(`R.bad('an object', ${object}, ${where}); }`);
    const inPlace = struct.fields.filter((field) => field.isPresent && field.tag < 0);
    for (let i = 0; i < inPlace.length; ) i = this.#fieldsFrom(inPlace, i, object, path);
    for (const field of struct.fields) {
      if (!field.isPresent && !field.isIgnorable) this.#absent(field, object, path);
    }
    if (struct.hasTags) this.#tags(struct, object, path);
  }

  /** Kafka refuses to drop what a version cannot carry, unless the schema says it may. */
  #absent(field: ResolvedField, object: string, path: string): void {
    const value = this.#out.name('v');
    const where = this.#out.where(`${path}.${field.name}`);
    this.#out.line(`const ${value} = ${object}.${field.name};`);
    this.#out.line(
      `if (!(${isDefaultSource(field, value)})) R.unsupported(${this.#version}, ${where});`,
    );
  }

  #fieldsFrom(
    fields: readonly ResolvedField[],
    first: number,
    object: string,
    path: string,
  ): number {
    let size = 0;
    let next = first;
    for (; next < fields.length && fixedSizeOf(fields[next]!) > 0; next++) {
      size += fixedSizeOf(fields[next]!);
    }
    if (next === first) {
      this.#varying(fields[first]!, this.#load(fields[first]!, object), path);
      return first + 1;
    }
    this.#room(size);
    let offset = 0;
    for (const field of fields.slice(first, next)) {
      this.#fixed(field, this.#load(field, object), offset, `${path}.${field.name}`);
      offset += fixedSizeOf(field);
    }
    this.#out.line(`p += ${size};`);
    return next;
  }

  /** Reads a field of the message into a local, with its default where it may be left out. */
  #load(field: ResolvedField, object: string): string {
    const value = this.#out.name('v');
    this.#out.line(`let ${value} = ${object}.${field.name};`);
    if (field.isOptional) {
      this.#out.line(`if (${value} === undefined) ${value} = ${emptySource(field)};`);
    }
    return value;
  }

  #room(size: number | string): void {
    this.#out.line(`if (b.length - p < ${size}) { p = w.grow(p, ${size}); b = w.bytes; }`);
  }

  #fixed(field: ResolvedField, value: string, offset: number, path: string): void {
    this.#out.line(fixedWriteSource(field.type, value, offset, this.#out.where(path)));
  }

  #varying(field: ResolvedField, value: string, structPath: string): void {
    this.#value(field, value, `${structPath}.${field.name}`);
  }

  #value(field: ResolvedField, value: string, path: string): void {
    if (field.isNullable) {
      this.#out.line(`if (${value} === null) {`);
      this.#null(field);
      this.#out.line('} else {');
    }
    if (field.isArray) this.#array(field, value, path);
    else if (field.struct !== null) this.#nested(field, field.struct, value, path);
    else if (field.type === 'string') this.#string(field, value, path);
    else this.#bytes(field, value, path);
    if (field.isNullable) this.#out.line('}');
  }

  #null(field: ResolvedField): void {
    const isStruct = field.struct !== null && !field.isArray;
    let size = 1;
    if (!isStruct && !field.isCompact) size = field.type === 'string' && !field.isArray ? 2 : 4;
    this.#room(size);
    const byte = field.isCompact && !isStruct ? 0 : 255;
    this.#out.line(`b[p++] = ${byte};`.repeat(size));
  }

  #nested(field: ResolvedField, struct: ResolvedStruct, value: string, path: string): void {
    if (field.isNullable) {
      this.#room(1);
      this.#out.line('b[p++] = 1;');
    }
    this.struct(struct, value, path);
  }

  #string(field: ResolvedField, value: string, path: string): void {
    const where = this.#out.where(path);
    const method = field.isCompact ? 'compactString' : 'string';
    this.#out.line(`if (typeof ${value} !== 'string') R.bad('a string', ${value}, ${where});`);
    this.#out.line(`p = w.${method}(p, ${value}); b = w.bytes;`);
    this.#out.line(`if (p < 0) R.tooLong(${where});`);
  }

  #bytes(field: ResolvedField, value: string, path: string): void {
    const where = this.#out.where(path);
    this.#out.line(`if (!(${value} instanceof Uint8Array)) R.bad('a Buffer', ${value}, ${where});`);
    this.#count(field, `${value}.length`);
    const method = this.#isInTag ? 'rawBytes' : 'bytesOrReference';
    this.#out.line(`p = w.${method}(p, ${value}); b = w.bytes;`);
  }

  #count(field: ResolvedField, count: string): void {
    if (field.isCompact) {
      this.#out.line(`p = w.uvarint(p, ${count} + 1); b = w.bytes;`);
      return;
    }
    this.#room(4);
    this.#out.line(`b[p] = ${count} >> 24; b[p + 1] = ${count} >> 16;`);
    this.#out.line(`b[p + 2] = ${count} >> 8; b[p + 3] = ${count}; p += 4;`);
  }

  #array(field: ResolvedField, value: string, path: string): void {
    const where = this.#out.where(path);
    const [count, index, element] = ['n', 'i', 'v'].map((prefix) => this.#out.name(prefix));
    this.#out.line(`if (!Array.isArray(${value})) R.bad('an array', ${value}, ${where});`);
    this.#out.line(`const ${count} = ${value}.length;`);
    this.#count(field, count!);
    const single: ResolvedField = { ...field, isArray: false, isNullable: false };
    const size = fixedSizeOf(single);
    if (size > 0) this.#room(`${count} * ${size}`);
    this.#out.line(`for (let ${index} = 0; ${index} < ${count}; ${index}++) {`);
    this.#out.line(`const ${element} = ${value}[${index}];`);
    this.#out.enterLoop(index!);
    if (size > 0) {
      this.#fixed(single, element!, 0, `${path}[]`);
      this.#out.line(`p += ${size};`);
    } else {
      this.#value(single, element!, `${path}[]`);
    }
    this.#out.leaveLoop();
    this.#out.line('}');
  }

  /** Only tagged fields that differ from their defaults are written, in the order of the tags. */
  #tags(struct: ResolvedStruct, object: string, path: string): void {
    const tagged = struct.fields
      .filter((field) => field.isPresent && field.tag >= 0)
      .sort((a, b) => a.tag - b.tag);
    const values = tagged.map((field) => this.#load({ ...field, isOptional: true }, object));
    const isSet = tagged.map(() => this.#out.name('s'));
    for (const [i, field] of tagged.entries()) {
      this.#out.line(`const ${isSet[i]} = !(${isDefaultSource(field, values[i]!)});`);
    }
    this.#room(1);
    const count = isSet.map((each) => `(${each} ? 1 : 0)`).join(' + ');
    this.#out.line(`b[p++] = ${count === '' ? 0 : count};`);
    for (const [i, field] of tagged.entries()) {
      this.#out.line(`if (${isSet[i]}) {`);
      this.#tag(field, values[i]!, `${path}.${field.name}`);
      this.#out.line('}');
    }
  }

  #tag(field: ResolvedField, value: string, path: string): void {
    const wasInTag = this.#isInTag;
    this.#isInTag = true;
    const mark = this.#out.name('k');
    this.#out.line(`p = w.uvarint(p, ${field.tag}); b = w.bytes;`);
    this.#room(1);
    this.#out.line(`const ${mark} = p - w.start; p++;`);
    const size = fixedSizeOf(field);
    if (size > 0) {
      this.#room(size);
      this.#fixed(field, value, 0, path);
      this.#out.line(`p += ${size};`);
    } else {
      this.#value(field, value, path);
    }
    this.#out.line(`p = w.closeTag(p, ${mark}); b = w.bytes;`);
    this.#isInTag = wasInTag;
  }
}

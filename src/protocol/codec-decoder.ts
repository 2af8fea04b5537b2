import { decodeRuntime, MAX_TAGS } from './decode-runtime.ts';
import {
  defaultSource,
  fixedSizeOf,
  type ResolvedField,
  type ResolvedStruct,
  smallestElementSize,
} from './resolved-struct.ts';
import { SourceBuilder } from './source-builder.ts';

/** Reads one message from bytes[start, end). Bytes and records are views of `bytes`. */
export type Decoder<T> = (bytes: Buffer, start: number, end: number) => T;

/**
 * Writes the source of a decoder for one version of a message: one function, the loops nested in
 * each other, every field a local, every object one literal. `b` are the bytes, `p` the position,
 * `left` how many more structs and strings arrays may hold.
 */
export function compileDecoder<T>(
  compile: (source: string, runtime: object) => unknown,
  name: string,
  struct: ResolvedStruct,
  maxElements: number,
): Decoder<T> {
  const out = new SourceBuilder();
  const body = new DecoderSource(out, maxElements).struct(struct, name);
  const lines = out.toString();
  // In parentheses it is compiled now, and not when the first message waits for it.
  const source = `'use strict';
return (function decode${name}(b, p, e) {
let n = 0, left = ${maxElements};
${lines}
return ${body};
});`;
  return compile(source, decodeRuntime) as Decoder<T>;
}

class DecoderSource {
  readonly #out: SourceBuilder;
  readonly #maxElements: number;
  /** The variable that holds the end of what may be read: the message's, or the tagged field's. */
  #end = 'e';

  constructor(out: SourceBuilder, maxElements: number) {
    this.#out = out;
    this.#maxElements = maxElements;
  }

  /** Reads the fields into locals and returns the literal made of them. */
  struct(struct: ResolvedStruct, path: string): string {
    const names = struct.fields.map(() => this.#out.name('v'));
    const inPlace: number[] = [];
    for (const [i, field] of struct.fields.entries()) {
      if (field.isPresent && field.tag < 0) inPlace.push(i);
      else this.#out.line(`let ${names[i]} = ${defaultSource(field)};`);
    }
    for (let i = 0; i < inPlace.length; ) {
      i = this.#fieldsFrom(struct, inPlace, i, names, path);
    }
    if (struct.hasTags) this.#tags(struct, names, path);
    return `{ ${struct.fields.map((field, i) => `${field.name}: ${names[i]}`).join(', ')} }`;
  }

  /** Reads one field of varying size, or a whole run of fields of fixed size under one check. */
  #fieldsFrom(
    struct: ResolvedStruct,
    inPlace: readonly number[],
    first: number,
    names: readonly string[],
    path: string,
  ): number {
    const fieldAt = (i: number) => struct.fields[inPlace[i]!]!;
    const pathOf = (field: ResolvedField) => `${path}.${field.name}`;
    if (fixedSizeOf(fieldAt(first)) === 0) {
      const target = names[inPlace[first]!]!;
      this.#out.line(`let ${target};`);
      this.#varying(fieldAt(first), target, pathOf(fieldAt(first)));
      return first + 1;
    }
    let size = 0;
    let next = first;
    const reads: string[] = [];
    for (; next < inPlace.length && fixedSizeOf(fieldAt(next)) > 0; next++) {
      const target = `const ${names[inPlace[next]!]}`;
      reads.push(this.#fixedField(fieldAt(next), target, size, pathOf(fieldAt(next))));
      size += fixedSizeOf(fieldAt(next));
    }
    this.#atLeast(size, pathOf(fieldAt(first)));
    for (const read of reads) this.#out.line(read);
    this.#out.line(`p += ${size};`);
    return next;
  }

  #atLeast(size: number, path: string): void {
    this.#out.line(`if (${this.#end} - p < ${size}) R.short(${this.#out.where(path)});`);
  }

  #fixedField(field: ResolvedField, target: string, offset: number, path: string): string {
    if (!field.isHash) return this.#fixed(field.type, target, offset, path);
    return `${target} = R.hash(b, p + ${offset});`;
  }

  /** The statement that reads a value of fixed size; its bytes are known to be there. */
  #fixed(type: ResolvedField['type'], target: string, offset: number, path: string): string {
    const at = offset === 0 ? 'p' : `p + ${offset}`;
    if (type !== 'int64') return `${target} = ${this.#fixedValue(type, offset, at)};`;
    const name = target.replace('const ', '');
    const check = `if (${name} !== ${name}) R.wide(b, ${at}, ${this.#out.where(path)});`;
    return `${target} = R.int64(b, ${at}); ${check}`;
  }

  #fixedValue(type: ResolvedField['type'], offset: number, at: string): string {
    const byte = (i: number) => (offset + i === 0 ? 'b[p]' : `b[p + ${offset + i}]`);
    const int32 = () => `${byte(0)} << 24 | ${byte(1)} << 16 | ${byte(2)} << 8 | ${byte(3)}`;
    switch (type) {
      case 'bool':
        return `${byte(0)} !== 0`;
      case 'int8':
        return `${byte(0)} << 24 >> 24`;
      case 'int16':
        return `${byte(0)} << 24 >> 16 | ${byte(1)}`;
      case 'uint16':
        return `${byte(0)} << 8 | ${byte(1)}`;
      case 'int32':
        return int32();
      case 'uint32':
        return `(${int32()}) >>> 0`;
      case 'float64':
        return `b.readDoubleBE(${at})`;
      default:
        return `R.uuid(b, ${at})`;
    }
  }

  #varying(field: ResolvedField, target: string, path: string): void {
    if (field.struct !== null && !field.isArray) {
      this.#nested(field, field.struct, target, path);
      return;
    }
    this.#length(field, path);
    this.#out.line('if (n < 0) {');
    this.#out.line(field.isNullable ? `${target} = null;` : `R.isNull(${this.#out.where(path)});`);
    this.#out.line('} else {');
    if (field.isArray) this.#elements(field, target, path);
    else this.#bytes(field, target, path);
    this.#out.line('}');
  }

  /** Leaves the length or count in `n`, negative for null. */
  #length(field: ResolvedField, path: string): void {
    if (field.isCompact) {
      this.#varint(path);
      this.#out.line('n--;');
      return;
    }
    const type = field.type === 'string' && !field.isArray ? 'int16' : 'int32';
    const size = type === 'int16' ? 2 : 4;
    this.#atLeast(size, path);
    this.#out.line(`${this.#fixed(type, 'n', 0, path)} p += ${size};`);
  }

  #varint(path: string): void {
    const where = this.#out.where(path);
    this.#atLeast(1, path);
    this.#out.line('n = b[p];');
    this.#out.line('if (n < 128) p++; else {');
    this.#out.line(`n = R.uvarint(b, p, ${this.#end}); if (n < 0) R.varint(${where});`);
    this.#out.line('p = R.at; }');
  }

  #bytes(field: ResolvedField, target: string, path: string): void {
    const isString = field.type === 'string';
    const tooLong = `n > ${this.#end} - p${isString ? ' || n > 32767' : ''}`;
    this.#out.line(`if (${tooLong}) R.length(n, ${this.#end} - p, ${this.#out.where(path)});`);
    this.#out.line(`${target} = ${isString ? 'R.string(b, p, n)' : 'b.subarray(p, p + n)'};`);
    this.#out.line('p += n;');
  }

  #elements(field: ResolvedField, target: string, path: string): void {
    const where = this.#out.where(path);
    const size = smallestElementSize(field);
    this.#out.line(`if (n * ${size} > ${this.#end} - p) R.count(n, ${this.#end} - p, ${where});`);
    this.#out.line(`if ((left -= n) < 0) R.tooMany(${this.#maxElements}, ${where});`);
    const count = this.#out.name('n');
    const index = this.#out.name('i');
    this.#out.line(`const ${count} = n;`);
    this.#out.line(`${target} = [];`);
    this.#out.line(`for (let ${index} = 0; ${index} < ${count}; ${index}++) {`);
    this.#out.enterLoop(index);
    this.#out.line(`${target}.push(${this.#element(field, `${path}[]`)});`);
    this.#out.leaveLoop();
    this.#out.line('}');
  }

  #element(field: ResolvedField, path: string): string {
    if (field.struct !== null) return this.struct(field.struct, path);
    const element = { ...field, isArray: false, isNullable: false };
    const value = this.#out.name('v');
    const size = fixedSizeOf(element);
    if (size === 0) {
      this.#out.line(`let ${value};`);
      this.#varying(element, value, path);
    } else {
      this.#atLeast(size, path);
      this.#out.line(`${this.#fixed(field.type, `const ${value}`, 0, path)} p += ${size};`);
    }
    return value;
  }

  #nested(field: ResolvedField, struct: ResolvedStruct, target: string, path: string): void {
    this.#out.line('{');
    if (field.isNullable) {
      this.#atLeast(1, path);
      this.#out.line(`if (b[p++] > 127) ${target} = null; else {`);
    }
    this.#out.line(`${target} = ${this.struct(struct, path)};`);
    this.#out.line(field.isNullable ? '}}' : '}');
  }

  /** Known tags are read, all others skipped without a trace. */
  #tags(struct: ResolvedStruct, names: readonly string[], path: string): void {
    const tagsPath = `${path} (tags)`;
    const where = this.#out.where(tagsPath);
    this.#varint(tagsPath);
    this.#out.line('if (n !== 0) {');
    this.#out.line(`if (n > ${MAX_TAGS} || n * 2 > ${this.#end} - p) R.tags(n, ${where});`);
    const [count, tag, stop] = [this.#out.name('c'), this.#out.name('t'), this.#out.name('s')];
    this.#out.line(`for (let ${count} = n; ${count} > 0; ${count}--) {`);
    this.#varint(tagsPath);
    this.#out.line(`const ${tag} = n;`);
    this.#varint(tagsPath);
    this.#out.line(`if (n > ${this.#end} - p) R.length(n, ${this.#end} - p, ${where});`);
    this.#out.line(`const ${stop} = p + n;`);
    this.#out.line(`switch (${tag}) {`);
    for (const [i, field] of struct.fields.entries()) {
      if (field.isPresent && field.tag >= 0) {
        this.#taggedField(field, names[i]!, stop, `${path}.${field.name}`);
      }
    }
    this.#out.line(`default: p = ${stop};`);
    this.#out.line('}}}');
  }

  #taggedField(field: ResolvedField, target: string, stop: string, path: string): void {
    const outerEnd = this.#end;
    this.#end = stop;
    this.#out.line(`case ${field.tag}: {`);
    const size = fixedSizeOf(field);
    if (size > 0) {
      this.#atLeast(size, path);
      this.#out.line(`${this.#fixedField(field, target, 0, path)} p += ${size};`);
    } else {
      this.#varying(field, target, path);
    }
    const where = this.#out.where(path);
    this.#out.line(`if (p !== ${stop}) R.tagSize(${field.tag}, ${where});`);
    this.#out.line('break; }');
    this.#end = outerEnd;
  }
}

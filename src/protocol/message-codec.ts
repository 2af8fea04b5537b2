import { compileSource } from '#compile-source';
import { MillraceError } from '../base/errors.ts';
import { compileDecoder, type Decoder } from './codec-decoder.ts';
import { compileEncoder, type Encoder } from './codec-encoder.ts';
import { interpretDecoder } from './interpreted-decoder.ts';
import { interpretEncoder } from './interpreted-encoder.ts';
import { resolveMessage } from './resolved-struct.ts';
import type { MessageSchema } from './schema-dsl.ts';
import { includesVersion, parseVersions, type VersionRange } from './version-range.ts';

/**
 * How much the arrays of one message may hold. Objects take many times the bytes they come from,
 * and a number that is asked for comes back as an object, so the size of a frame alone would not
 * bound the memory, nor the time for which one request holds up all others.
 */
export const MAX_REQUEST_ELEMENTS = 1 << 14;
export const MAX_RESPONSE_ELEMENTS = 1 << 24;

/** The encoders and decoders of one message, each compiled when it is first asked for,
 * or interpreted where code may not be made. */
export class MessageCodec<T> {
  readonly schema: MessageSchema<T>;
  readonly versions: VersionRange;
  readonly #flexible: VersionRange;
  readonly #maxElements: number;
  readonly #decoders: (Decoder<T> | undefined)[] = [];
  readonly #encoders: (Encoder<T> | undefined)[] = [];

  constructor(schema: MessageSchema<T>, maxElements = MAX_RESPONSE_ELEMENTS) {
    this.schema = schema;
    this.versions = parseVersions(schema.versions);
    this.#flexible = parseVersions(schema.flexible);
    this.#maxElements = maxElements;
  }

  supports(version: number): boolean {
    return includesVersion(this.versions, version);
  }

  isFlexible(version: number): boolean {
    return includesVersion(this.#flexible, version);
  }

  decoder(version: number): Decoder<T> {
    return this.#decoders[version] ?? this.#compileDecoder(version);
  }

  encoder(version: number): Encoder<T> {
    return this.#encoders[version] ?? this.#compileEncoder(version);
  }

  #compileDecoder(version: number): Decoder<T> {
    this.#check(version);
    const { name } = this.schema;
    const struct = resolveMessage(this.schema, version);
    const decoder =
      compileSource === null
        ? interpretDecoder<T>(name, struct, this.#maxElements)
        : compileDecoder<T>(compileSource, name, struct, this.#maxElements);
    this.#decoders[version] = decoder;
    return decoder;
  }

  #compileEncoder(version: number): Encoder<T> {
    this.#check(version);
    const struct = resolveMessage(this.schema, version);
    const { name } = this.schema;
    const encoder =
      compileSource === null
        ? interpretEncoder<T>(name, version, struct)
        : compileEncoder<T>(compileSource, name, version, struct);
    this.#encoders[version] = encoder;
    return encoder;
  }

  #check(version: number): void {
    if (Number.isInteger(version) && this.supports(version)) return;
    const { name, versions } = this.schema;
    const text = `${name} has no version ${version}, only ${versions}`;
    throw new MillraceError('MILLRACE_PROTOCOL', text);
  }
}

import { KafkaError } from '../../client/errors/kafka-error.ts';
import type { DirectSerde } from './direct-serde.ts';
import { asBuffer } from './encoded-bytes.ts';
import { readInt64, writeInt64 } from './int64-bytes.ts';

interface NumberForm {
  readonly name: string;
  readonly bytes: number;
  readonly isInteger: boolean;
  readonly min: number;
  readonly max: number;
  read(bytes: Buffer, at: number): number;
  write(bytes: Buffer, value: number, at: number): void;
}

/** A serde of numbers in big-endian bytes, as Java's serializers write them. */
function numberSerde(form: NumberForm): DirectSerde<number> {
  const { name, bytes: size } = form;
  function write(value: number, target: Buffer, at: number): number {
    const fits = form.isInteger ? Number.isInteger(value) : typeof value === 'number';
    if (!fits || value < form.min || value > form.max) {
      throw new KafkaError('SERIALIZATION', `${String(value)} is no ${name}`);
    }
    form.write(target, value, at);
    return size;
  }
  function read(bytes: Buffer, start: number, end: number): number {
    if (end - start !== size) {
      throw new KafkaError('SERIALIZATION', `a ${name} has ${size} bytes, not ${end - start}`);
    }
    return checked(form, form.read(bytes, start));
  }
  return {
    directBytes: size,
    write,
    read,
    serialize(value) {
      // A tombstone goes by every serde.
      if ((value as number | null) === null) return null;
      const encoded = Buffer.allocUnsafe(size);
      write(value, encoded, 0);
      return encoded;
    },
    deserialize(bytes) {
      return read(asBuffer(bytes), 0, bytes.length);
    },
  };
}

function checked({ name, isInteger }: NumberForm, value: number): number {
  if (!isInteger || Number.isSafeInteger(value)) return value;
  throw new KafkaError('SERIALIZATION', `this ${name} is beyond 2^53: use bytes for it`);
}

/** Kafka's IntegerSerializer: four bytes. */
export const int32: DirectSerde<number> = numberSerde({
  name: 'int32',
  bytes: 4,
  isInteger: true,
  min: -(2 ** 31),
  max: 2 ** 31 - 1,
  read: (bytes, at) => bytes.readInt32BE(at),
  write: (bytes, value, at) => void bytes.writeInt32BE(value, at),
});

/** Kafka's LongSerializer: eight bytes. Numbers beyond 2^53 are refused. */
export const int64: DirectSerde<number> = numberSerde({
  name: 'int64',
  bytes: 8,
  isInteger: true,
  min: Number.MIN_SAFE_INTEGER,
  max: Number.MAX_SAFE_INTEGER,
  read: readInt64,
  write: writeInt64,
});

/** Kafka's ShortSerializer: two bytes. */
export const int16: DirectSerde<number> = numberSerde({
  name: 'int16',
  bytes: 2,
  isInteger: true,
  min: -(2 ** 15),
  max: 2 ** 15 - 1,
  read: (bytes, at) => bytes.readInt16BE(at),
  write: (bytes, value, at) => void bytes.writeInt16BE(value, at),
});

/** Kafka's DoubleSerializer: eight bytes. */
export const float64: DirectSerde<number> = numberSerde({
  name: 'float64',
  bytes: 8,
  isInteger: false,
  min: Number.NEGATIVE_INFINITY,
  max: Number.POSITIVE_INFINITY,
  read: (bytes, at) => bytes.readDoubleBE(at),
  write: (bytes, value, at) => void bytes.writeDoubleBE(value, at),
});

/** Kafka's FloatSerializer: four bytes. */
export const float32: DirectSerde<number> = numberSerde({
  name: 'float32',
  bytes: 4,
  isInteger: false,
  min: Number.NEGATIVE_INFINITY,
  max: Number.POSITIVE_INFINITY,
  read: (bytes, at) => bytes.readFloatBE(at),
  write: (bytes, value, at) => void bytes.writeFloatBE(value, at),
});

import { ERROR } from '../../../src/base/kafka-errors.ts';
import type { Target } from './asked.ts';
import { PREFIX } from './grants.ts';

const NAME_OF_ERROR = new Map(Object.entries(ERROR).map(([name, code]) => [code as number, name]));
const ZERO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';

/** Fields whose sign tells whether they say anything. */
const SIGNED = new Set([
  'baseOffset',
  'committedOffset',
  'endOffset',
  'highWatermark',
  'lowWatermark',
  'numPartitions',
  'offset',
  'replicationFactor',
]);
/** Fields that are told as they are. */
const WORDS = new Set(['groupState', 'transactionState', 'protocolType', 'groupType']);
const VARIED_NAMES = new RegExp(`${PREFIX}[\\w-]*`, 'g');

type Told = string | undefined;

/**
 * What of an answer has to do with rights, as a line of text: error codes, authorized operations,
 * names that begin with the prefix, topic ids, whether there are offsets and records. Elements of
 * a list that say the same are told once, in an order of their own.
 */
export class Outcome {
  readonly #target: Target;
  readonly #asked: string;

  constructor(target: Target, request: object) {
    this.#target = target;
    this.#asked = JSON.stringify(request);
  }

  of(answer: object): string {
    return this.#told('', answer) ?? '{}';
  }

  #told(field: string, value: unknown): Told {
    if (Array.isArray(value)) return this.#list(field, value);
    if (Buffer.isBuffer(value)) return this.#bytes(field, value);
    if (typeof value === 'number') return this.#number(field, value);
    if (typeof value === 'string') return this.#text(field, value);
    if (typeof value !== 'object' || value === null) return undefined;
    const fields = Object.entries(value).flatMap(([name, inner]) => {
      const told = this.#told(name, inner);
      return told === undefined ? [] : [`${name}: ${told}`];
    });
    return fields.length === 0 ? undefined : `{ ${fields.join(', ')} }`;
  }

  #list(field: string, values: readonly unknown[]): Told {
    const told = values.map((value) => this.#told(field, value));
    const distinct = [...new Set(told.filter((each) => each !== undefined))].sort();
    return distinct.length === 0 ? undefined : `[${distinct.join(', ')}]`;
  }

  #number(field: string, value: number): Told {
    if (/errorcode$/i.test(field)) return NAME_OF_ERROR.get(value) ?? String(value);
    if (/operations$/i.test(field)) return value < 0 ? 'not asked' : value.toString(2);
    return SIGNED.has(field) ? (value < 0 ? 'none' : 'some') : undefined;
  }

  #text(field: string, value: string): Told {
    if (field === 'topicId') return this.#id(value);
    if (/message$/i.test(field)) return this.#leak(value);
    const { name, own } = this.#target;
    if (value === name) return 'TARGET';
    if (value === own) return 'OWN';
    return value.startsWith(PREFIX) || WORDS.has(field) ? value : undefined;
  }

  #id(id: string): string {
    if (id === this.#target.topicId) return 'TARGET';
    return id === ZERO_ID ? 'none' : 'some';
  }

  #bytes(field: string, value: Buffer): Told {
    if (field === 'records') return value.length > 0 ? 'some' : undefined;
    return this.#leak(value.toString('latin1'));
  }

  /** Names that the request did not name. */
  #leak(text: string): Told {
    const names = (text.match(VARIED_NAMES) ?? []).filter((name) => !this.#asked.includes(name));
    return names.length === 0 ? undefined : `names ${[...new Set(names)].join(' ')}`;
  }
}

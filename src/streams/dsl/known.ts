import type { AnySerde } from '../topology/store-spec.ts';

/**
 * What the types know of a stream's or table's serdes: whether those of its keys and values are
 * known, whether the builder has serdes for all others, and whether keys have changed since the
 * records were written, so that grouping or joining writes them again.
 */
export type Known = 'key' | 'value' | 'default' | 'moved';

/** Serdes that an operator needs, to be given only where they are not known. */
export type SerdeOption<Side extends 'key' | 'value', T, H extends Known> = [Side] extends [H]
  ? { readonly [S in Side]?: AnySerde<T> | undefined }
  : 'default' extends H
    ? { readonly [S in Side]?: AnySerde<T> | undefined }
    : { readonly [S in Side]: AnySerde<T> };

/** Both serdes, needed only where the records are written again. */
export type RepartitionSerdes<K, V, H extends Known> = 'moved' extends H
  ? SerdeOption<'key', K, H> & SerdeOption<'value', V, H>
  : { readonly key?: AnySerde<K> | undefined; readonly value?: AnySerde<V> | undefined };

/** The last parameter of an operator: it may be left out where none of it is needed. */
export type Last<Options> =
  Partial<Options> extends Options ? [options?: Options] : [options: Options];

/** After the values have changed. */
export type NewValue<H extends Known> = Exclude<H, 'value'>;
/** After the keys have changed. */
export type NewKey<H extends Known> = Exclude<H, 'key'> | 'moved';
/** After both have changed. */
export type NewPair<H extends Known> = Extract<H, 'default'> | 'moved';
/** With both serdes known, keys where they were written. */
export type Settled<H extends Known> = 'key' | 'value' | Extract<H, 'default'>;
/** After a grouping: written again where the keys had changed. */
export type Grouped<H extends Known> = 'moved' extends H ? Settled<H> : H;
/** What is known of both of two streams. */
export type OfBoth<A extends Known, B extends Known> = (A & B) | Extract<A | B, 'moved'>;

/** Refuses callbacks that return promises. */
export type NoPromise<R> =
  R extends PromiseLike<unknown>
    ? 'This operator does not wait for promises: use its form that ends in Async'
    : unknown;

/** With a serde for the values where the options give one. */
export type WithValue<H extends Known, Options> = Options extends { readonly value: object }
  ? NewValue<H> | 'value'
  : NewValue<H>;

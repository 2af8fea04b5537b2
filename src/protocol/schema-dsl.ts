/**
 * The words in which schema/ describes Kafka's messages. A struct is an object whose keys are the
 * fields in wire order; the compiler checks it against the interface of the decoded message.
 * Versions are written as in Kafka's own schemas: '3' or '0-12' or '4+' or 'none'.
 */
export type PrimitiveType =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'float64'
  | 'string'
  | 'uuid'
  | 'bytes'
  | 'records';

/**
 * An int64 is a `number`. What a double cannot hold is malformed, but for the two that Kafka uses
 * as 'no limit': they are read as the largest and smallest safe integers and written back whole.
 */
export const INT64_MAX = Number.MAX_SAFE_INTEGER;
/** The smallest int64 on the wire, as a number: see INT64_MAX. */
export const INT64_MIN = Number.MIN_SAFE_INTEGER;

/** A topic id of zeros in base64: none. */
export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA';

export interface FieldOptions {
  /** Versions in which the field may be null. */
  readonly nullable?: string;
  /** The number of the tag, for the versions in `tagged`. */
  readonly tag?: number;
  readonly tagged?: string;
  /** The value of the field in versions that lack it; 0, '', false, empty where not given. */
  readonly default?: number | string | boolean | null;
  /** A value may be dropped in silence in a version that lacks the field. */
  readonly ignorable?: boolean;
  /** A 64-bit hash, which is only compared: one that a double cannot hold is read as 0. */
  readonly hash?: true;
  /** 'none': keeps the old encoding in flexible versions too. */
  readonly flexible?: 'none';
}

export interface Field<T> extends FieldOptions {
  readonly versions: string;
  /** What the field holds, or what each element of it holds. */
  readonly type: PrimitiveType | Struct<unknown>;
  readonly isArray: boolean;
  /** For the compiler only. */
  readonly $value?: T;
}

export interface Struct<T> {
  readonly fields: { readonly [name: string]: Field<unknown> };
  /** For the compiler only. */
  readonly $value?: T;
}

/** A message of its own: a request, a response, or a record of an internal topic. */
export interface MessageSchema<T> {
  readonly name: string;
  /** The number in front of a coordinator record's key, -1 for other messages. */
  readonly recordType: number;
  readonly versions: string;
  readonly flexible: string;
  readonly body: Struct<T>;
}

/** The versions and fields of an API's request and response. */
export interface ApiSchema<Request, Response> {
  readonly key: number;
  readonly name: string;
  readonly versions: string;
  readonly flexible: string;
  readonly latestVersionUnstable: boolean;
  readonly request: MessageSchema<Request>;
  readonly response: MessageSchema<Response>;
}

type Value<T, Options> = Options extends { readonly nullable: string } ? T | null : T;
type ElementOf<T> = T extends 'bool' ? boolean : T extends 'string' | 'uuid' ? string : number;
type Element<T> = T extends Struct<infer Body> ? Body : ElementOf<T>;

function primitive<T>(type: PrimitiveType) {
  return <const Options extends FieldOptions = object>(
    versions: string,
    options?: Options,
  ): Field<Value<T, Options>> => ({ versions, type, isArray: false, ...options });
}

export const bool = primitive<boolean>('bool');
export const int8 = primitive<number>('int8');
export const int16 = primitive<number>('int16');
export const uint16 = primitive<number>('uint16');
export const int32 = primitive<number>('int32');
export const uint32 = primitive<number>('uint32');
export const int64 = primitive<number>('int64');
export const float64 = primitive<number>('float64');
export const string = primitive<string>('string');
export const uuid = primitive<string>('uuid');
export const bytes = primitive<Buffer>('bytes');
export const records = primitive<Buffer>('records');

export function nested<Body, const Options extends FieldOptions = object>(
  versions: string,
  type: Struct<Body>,
  options?: Options,
): Field<Value<Body, Options>> {
  return { versions, type, isArray: false, ...options };
}

export function array<
  const Type extends PrimitiveType | Struct<unknown>,
  const Options extends FieldOptions = object,
>(versions: string, type: Type, options?: Options): Field<Value<Element<Type>[], Options>> {
  return { versions, type, isArray: true, ...options };
}

export function struct<Body>(
  fields: {
    readonly [Name in keyof Body]-?: Field<Body[Name]>;
  },
): Struct<Body> {
  return { fields };
}

export function message<Body>(definition: {
  readonly name: string;
  readonly recordType?: number;
  readonly versions: string;
  readonly flexible: string;
  readonly body: Struct<Body>;
}): MessageSchema<Body> {
  return { recordType: -1, ...definition };
}

export function api<Request, Response>(definition: {
  readonly key: number;
  readonly name: string;
  readonly versions: string;
  readonly flexible: string;
  readonly latestVersionUnstable?: boolean;
  readonly request: Struct<Request>;
  readonly response: Struct<Response>;
}): ApiSchema<Request, Response> {
  const { key, name, versions, flexible } = definition;
  const part = <Body>(suffix: string, body: Struct<Body>): MessageSchema<Body> => ({
    name: name + suffix,
    recordType: -1,
    versions,
    flexible,
    body,
  });
  return {
    key,
    name,
    versions,
    flexible,
    latestVersionUnstable: definition.latestVersionUnstable ?? false,
    request: part('Request', definition.request),
    response: part('Response', definition.response),
  };
}

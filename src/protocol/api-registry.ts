import { MillraceError } from '../base/errors.ts';
import type { ApiKey } from './api-keys.ts';
import { API_TABLE } from './api-table.ts';
import { CONTROLLER_API_NAMES } from './controller-api-names.ts';
import { MAX_REQUEST_ELEMENTS, MessageCodec } from './message-codec.ts';
import type { ApiSchema } from './schema-dsl.ts';
import { parseVersions } from './version-range.ts';

type Table = typeof API_TABLE;
/** The body of an API's request. */
export type RequestOf<Key extends ApiKey> =
  Table[Key] extends ApiSchema<infer Request, unknown> ? Request : never;
/** The body of an API's response. */
export type ResponseOf<Key extends ApiKey> =
  Table[Key] extends ApiSchema<unknown, infer Response> ? Response : never;

/** One API: its codecs and what routing needs to know of it. */
export interface ApiCodec<Request, Response> {
  readonly key: number;
  readonly name: string;
  readonly lowestVersion: number;
  readonly latestVersion: number;
  /** The first version with compact lengths and tagged fields; beyond the latest where none has. */
  readonly flexibleFrom: number;
  /** The latest version is unstable. Kafka serves it only when it is configured to. */
  readonly latestVersionUnstable: boolean;
  readonly request: MessageCodec<Request>;
  readonly response: MessageCodec<Response>;
}

function codecOf(schema: ApiSchema<unknown, unknown>): ApiCodec<unknown, unknown> {
  const versions = parseVersions(schema.versions);
  const flexible = parseVersions(schema.flexible);
  return {
    key: schema.key,
    name: schema.name,
    lowestVersion: versions.lowest,
    latestVersion: versions.highest,
    flexibleFrom: flexible.highest < 0 ? 0x7fff : flexible.lowest,
    latestVersionUnstable: schema.latestVersionUnstable,
    request: new MessageCodec(schema.request, MAX_REQUEST_ELEMENTS),
    response: new MessageCodec(schema.response),
  };
}

/** By api key, with holes. */
const CODECS: (ApiCodec<unknown, unknown> | undefined)[] = [];
for (const schema of Object.values(API_TABLE)) {
  CODECS[schema.key] = codecOf(schema as ApiSchema<unknown, unknown>);
}

/** The API with this key, undefined for a key that clients may not send. */
export function findCodec(apiKey: number): ApiCodec<unknown, unknown> | undefined {
  return CODECS[apiKey];
}

/** The codec of an API; throws where there is none. */
export function codecFor<Key extends ApiKey>(
  apiKey: Key,
): ApiCodec<RequestOf<Key>, ResponseOf<Key>> {
  const codec = CODECS[apiKey];
  if (codec === undefined) {
    throw new MillraceError('MILLRACE_PROTOCOL', `there is no API with the key ${apiKey}`);
  }
  return codec as ApiCodec<RequestOf<Key>, ResponseOf<Key>>;
}

/** The codecs of all APIs that this package knows. */
export function allCodecs(): ApiCodec<unknown, unknown>[] {
  return CODECS.filter((codec) => codec !== undefined);
}

/** Kafka's name of an API, 'api key N' for one that is unknown. */
export function apiName(apiKey: number): string {
  return CODECS[apiKey]?.name ?? CONTROLLER_API_NAMES[apiKey] ?? `api key ${apiKey}`;
}

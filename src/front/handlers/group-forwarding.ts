import { MillraceError, reasonOf } from '../../base/errors.ts';
import { inBackground } from '../../base/in-background.ts';
import { NO_GUARD } from '../../base/no-guard.ts';
import { readUnsignedVarint, varintEnd } from '../../base/varint.ts';
import { API, type ApiKey } from '../../protocol/api-keys.ts';
import { codecFor, type RequestOf, type ResponseOf } from '../../protocol/api-registry.ts';
import { decodeMessage, encodeMessage } from '../../protocol/message-bytes.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import {
  type CoordinatorPlace,
  type CoordinatorTopicServices,
  coordinatorAt,
  ensureTopic,
} from '../groups/coordinator-topic.ts';
import { type CoordinatorTopic, GROUPS_TOPIC } from '../groups/internal-topics.ts';
import type { Call } from '../net/call.ts';
import type { TopicMirror } from '../partitions/topic-mirror.ts';
import type { CoordinationWaiter } from '../partitions/workers.ts';
import type { Services } from '../requests/front-services.ts';
import { ANSWERED_LATER, type RawHandler } from '../requests/handler.ts';
import type { Need } from '../requests/needed-action.ts';

export type GroupServiceName = keyof CoordinatorTopicServices | 'workers' | 'replies';
type GroupServices = Services<GroupServiceName>;

/** Requests that create members carry the client's id and address. The frequent ones do not. */
const TELL_OF_CLIENT: ReadonlySet<number> = new Set([
  API.JOIN_GROUP,
  API.CONSUMER_GROUP_HEARTBEAT,
  API.STREAMS_GROUP_HEARTBEAT,
]);

/**
 * An API whose request names one group or transactional id, in its first field or behind other
 * strings. The body goes to the worker that owns the partition of the coordinators' topic. The rest
 * of it is not decoded here.
 */
export function forOneGroup(api: {
  readonly key: ApiKey;
  readonly versions: string;
  readonly needs: readonly Need[];
  readonly overlaps?: boolean;
  readonly stringsBefore?: number;
  readonly topic?: CoordinatorTopic;
}): RawHandler<GroupServiceName> {
  const { stringsBefore = 0, topic = GROUPS_TOPIC, ...handler } = api;
  return {
    ...handler,
    appends: true,
    handleRaw(body, call, services) {
      const groupId = groupIdIn(body, api.key, call.apiVersion, stringsBefore);
      forwardOne(groupId, body, call, services, topic);
      return ANSWERED_LATER;
    },
  };
}

/** Sends the body to the id's coordinator and its answer to the client. */
export function forwardOne(
  id: string,
  body: Buffer,
  call: Call,
  services: GroupServices,
  topic: CoordinatorTopic = GROUPS_TOPIC,
  guard = NO_GUARD,
): void {
  const mirror = services.partitions.topicByName(topic.name);
  if (mirror !== undefined) {
    new ForwardedCall(call, services, coordinatorAt(mirror, id), guard).start(body);
    return;
  }
  const copy = Buffer.from(body);
  // Later requests would find the topic and might overtake this one.
  call.overlaps = false;
  const forwarded = madeTopic(topic, services).then((made) => {
    new ForwardedCall(call, services, coordinatorAt(made, id), guard).start(copy);
  });
  inBackground(forwarded, (thrown) => {
    call.cut(`asked for a ${topic.serves}: ${reasonOf(thrown)}`, 'failed');
  });
}

/** Rejects where the topic cannot be created. */
export async function madeTopic(
  topic: CoordinatorTopic,
  services: GroupServices,
): Promise<TopicMirror> {
  const made = await ensureTopic(topic, services);
  if (made === null) throw new MillraceError('MILLRACE_STORAGE', `${topic.name} is not there`);
  return made;
}

/** A request on its way to a coordinator, which may keep it for as long as a rebalance lasts. */
class ForwardedCall implements CoordinationWaiter {
  readonly #call: Call;
  readonly #services: GroupServices;
  readonly #coordinator: CoordinatorPlace;
  readonly #guard: number;

  constructor(call: Call, services: GroupServices, coordinator: CoordinatorPlace, guard: number) {
    this.#guard = guard;
    this.#call = call;
    this.#services = services;
    this.#coordinator = coordinator;
  }

  start(body: Buffer): void {
    const { worker, slot } = this.#coordinator;
    const call = this.#call;
    if (call.connection.closed) return;
    const command = { ...commandOf(call, slot, body), guard: this.#guard };
    const ticket = this.#services.workers.coordinate(worker, command, this);
    call.onAbandoned = () => {
      this.#services.workers.dropCoordination(worker, slot, ticket, this);
    };
    // A rebalance may take minutes, and a broker that stops does not wait for it.
    const waits = call.apiKey === API.JOIN_GROUP || call.apiKey === API.SYNC_GROUP;
    if (waits)
      call.onHurried = () => call.cut('waits for a group, and the broker stops', 'stopping');
  }

  onCoordinated(body: Buffer): void {
    if (body.length === 0) this.#call.cut('sent a malformed request to a coordinator');
    else this.#services.replies.replyBody(this.#call, body);
  }
}

function commandOf(call: Call, slot: number, body: Buffer) {
  const { apiKey, apiVersion } = call;
  if (!TELL_OF_CLIENT.has(apiKey)) {
    return { slot, apiKey, apiVersion, clientId: '', clientHost: '', body };
  }
  const clientId = call.clientId ?? '';
  const clientHost = `/${call.connection.clientAddress}`;
  return { slot, apiKey, apiVersion, clientId, clientHost, body };
}

/** Asks one worker and decodes its answer. */
export function askWorker<Key extends ApiKey>(
  key: Key,
  worker: number,
  slot: number,
  body: Buffer,
  call: Call,
  services: GroupServices,
): Promise<ResponseOf<Key>> {
  return new Promise((resolve, reject) => {
    services.workers.coordinate(worker, commandOf(call, slot, body), {
      onCoordinated(answer) {
        try {
          if (answer.length === 0) throw malformed('a coordinator cannot read it');
          resolve(decodeMessage(codecFor(key).response.schema, call.apiVersion, answer));
        } catch (thrown) {
          reject(thrown);
        }
      },
    });
  });
}

/** How a request for several groups or transactional ids is split, and its answers merged. */
export interface GroupsApi<Key extends ApiKey> {
  readonly key: Key;
  readonly versions: string;
  readonly needs: readonly Need[];
  readonly topic?: CoordinatorTopic;
  groupIds(request: RequestOf<Key>, version: number): readonly string[];
  /** The request for some of its groups, by their indexes. */
  select(request: RequestOf<Key>, indexes: readonly number[]): RequestOf<Key>;
  merge(answers: readonly ResponseOf<Key>[]): Unthrottled<ResponseOf<Key>>;
}

/** An API for groups that may belong to several coordinators. */
export function forSeveralGroups<Key extends ApiKey>(
  api: GroupsApi<Key>,
): RawHandler<GroupServiceName> {
  return {
    key: api.key,
    versions: api.versions,
    needs: api.needs,
    appends: true,
    handleRaw(body, call, services) {
      const decode = codecFor(api.key).request.decoder(call.apiVersion);
      const request = decode(body, 0, body.length);
      const groupIds = api.groupIds(request, call.apiVersion);
      if (groupIds.length === 0) {
        services.replies.reply(call, api.merge([]) as object);
        return ANSWERED_LATER;
      }
      if (groupIds.length === 1) {
        forwardOne(groupIds[0]!, body, call, services, api.topic);
        return ANSWERED_LATER;
      }
      return split(api, request, groupIds, call, services);
    },
  };
}

async function split<Key extends ApiKey>(
  api: GroupsApi<Key>,
  request: RequestOf<Key>,
  groupIds: readonly string[],
  call: Call,
  services: GroupServices,
): Promise<void> {
  const topic = await madeTopic(api.topic ?? GROUPS_TOPIC, services);
  const indexes = new Map<CoordinatorPlace, number[]>();
  const seen = new Set<string>();
  for (const [index, groupId] of groupIds.entries()) {
    // A group that is named again is answered once: answers may be long.
    if (seen.has(groupId)) continue;
    seen.add(groupId);
    const coordinator = coordinatorAt(topic, groupId);
    const known = indexes.get(coordinator);
    if (known === undefined) indexes.set(coordinator, [index]);
    else known.push(index);
  }
  const { schema } = codecFor(api.key).request;
  const answers = await Promise.all(
    Array.from(indexes, ([{ worker, slot }, some]) => {
      const part = encodeMessage(schema, call.apiVersion, api.select(request, some) as never);
      return askWorker(api.key, worker, slot, part, call, services);
    }),
  );
  services.replies.reply(call, api.merge(answers) as object);
}

/** The request begins with strings, whose lengths are compact in flexible versions. */
function groupIdIn(body: Buffer, key: ApiKey, version: number, stringsBefore: number): string {
  const isFlexible = version >= codecFor(key).flexibleFrom;
  let at = stringStart(body, 0, isFlexible);
  for (let i = 0; i < stringsBefore; i++) at = stringStart(body, at + stringLength, isFlexible);
  return body.toString('utf8', at, at + stringLength);
}

/** The length of the string that `stringStart` found last. */
let stringLength = 0;

function stringStart(body: Buffer, at: number, isFlexible: boolean): number {
  let start = at + 2;
  if (isFlexible) {
    stringLength = readUnsignedVarint(body, at, body.length) - 1;
    start = varintEnd;
  } else {
    stringLength = body.length < start ? -1 : body.readInt16BE(at);
  }
  const isWhole = start >= 0 && stringLength >= 0 && stringLength <= body.length - start;
  if (!isWhole) throw malformed('no group id');
  return start;
}

function malformed(what: string): MillraceError {
  return new MillraceError('MILLRACE_PROTOCOL', `malformed request to a coordinator: ${what}`);
}

import { MillraceError } from '../../base/errors.ts';
import {
  type CoordinatorTopicServices,
  coordinatorAt,
  ensureTopic,
} from '../../front/groups/coordinator-topic.ts';
import { GROUPS_TOPIC } from '../../front/groups/internal-topics.ts';
import type { Services } from '../../front/requests/front-services.ts';
import type { ApiKey } from '../../protocol/api-keys.ts';
import { codecFor, type RequestOf, type ResponseOf } from '../../protocol/api-registry.ts';
import type { Draft } from '../../protocol/frames.ts';
import { decodeMessage, encodeMessage } from '../../protocol/message-bytes.ts';

type Needed = Services<'workers' | keyof CoordinatorTopicServices>;

const CLIENT_ID = 'millrace-gateway';

/** Sends the requests of one group to the worker that coordinates it. */
export class GroupCoordinator {
  readonly groupId: string;
  readonly #front: Needed;
  readonly #clientHost: string;

  constructor(front: Needed, groupId: string, clientAddress: string) {
    this.#front = front;
    this.groupId = groupId;
    this.#clientHost = `/${clientAddress}`;
  }

  async ask<Key extends ApiKey>(
    apiKey: Key,
    apiVersion: number,
    request: Draft<RequestOf<Key>>,
  ): Promise<ResponseOf<Key>> {
    const topic = await ensureTopic(GROUPS_TOPIC, this.#front);
    if (topic === null) throw new MillraceError('MILLRACE_STORAGE', 'groups cannot be kept now');
    const { worker, slot } = coordinatorAt(topic, this.groupId);
    const { request: asked, response } = codecFor(apiKey);
    const body = encodeMessage(asked.schema, apiVersion, request as never);
    const call = {
      slot,
      apiKey,
      apiVersion,
      clientId: CLIENT_ID,
      clientHost: this.#clientHost,
      body,
    };
    const answer = await new Promise<Buffer>((resolve) => {
      this.#front.workers.coordinate(worker, call, {
        onCoordinated: (bytes) => resolve(Buffer.from(bytes)),
      });
    });
    return decodeMessage(response.schema, apiVersion, answer);
  }
}

import { errorMessage } from '../../base/kafka-error-texts.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import { codecFor } from '../../protocol/api-registry.ts';
import { refusedConsumerGroup } from '../../protocol/group-refusals.ts';
import type * as describe from '../../protocol/schema/69-consumer-group-describe.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { Call } from '../net/call.ts';
import { forEach } from '../requests/needed-action.ts';
import { ofConsumerProtocol } from './consumer-protocol.ts';
import { gated } from './gate.ts';
import { forSeveralGroups } from './group-forwarding.ts';
import { describeConsumerGate } from './group-gates.ts';

function refusal(body: Buffer, call: Call): Unthrottled<describe.ConsumerGroupDescribeResponse> {
  const { request } = codecFor(API.CONSUMER_GROUP_DESCRIBE);
  const { groupIds } = request.decoder(call.apiVersion)(body, 0, body.length);
  const code = ERROR.UNSUPPORTED_VERSION;
  const message = errorMessage(code);
  const groups = groupIds.map((groupId) => refusedConsumerGroup(groupId, code, message));
  return { groups };
}

/** ConsumerGroupDescribe (69), versions 0 to 1, served by the groups' coordinators. */
export const consumerGroupDescribe = gated(
  API.CONSUMER_GROUP_DESCRIBE,
  ofConsumerProtocol(
    forSeveralGroups({
      key: API.CONSUMER_GROUP_DESCRIBE,
      versions: '0-1',
      needs: [forEach('DESCRIBE', 'GROUP'), forEach('DESCRIBE', 'TOPIC')],
      groupIds: (request) => request.groupIds,
      select: (request, indexes) => ({
        ...request,
        groupIds: indexes.map((index) => request.groupIds[index]!),
      }),
      merge: (answers) => ({
        groups: answers.flatMap(({ groups }) => groups),
      }),
    }),
    refusal,
  ),
  describeConsumerGate,
);

import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import { codecFor } from '../../protocol/api-registry.ts';
import { refusedStreamsGroup } from '../../protocol/group-refusals.ts';
import { ANSWERED_LATER, type RawHandler } from '../requests/handler.ts';
import { forEach } from '../requests/needed-action.ts';
import { type GateServiceName, gated } from './gate.ts';
import { forSeveralGroups } from './group-forwarding.ts';
import { describeStreamsGate } from './streams-gate.ts';
import { servesStreams } from './streams-protocol.ts';

const described = gated(
  API.STREAMS_GROUP_DESCRIBE,
  forSeveralGroups({
    key: API.STREAMS_GROUP_DESCRIBE,
    versions: '0',
    needs: [forEach('DESCRIBE', 'GROUP'), forEach('DESCRIBE', 'TOPIC')],
    groupIds: (request) => request.groupIds,
    select: (request, indexes) => ({
      ...request,
      groupIds: indexes.map((index) => request.groupIds[index]!),
    }),
    merge: (answers) => ({ groups: answers.flatMap(({ groups }) => groups) }),
  }),
  describeStreamsGate,
);

/** StreamsGroupDescribe (89), version 0, served by the groups' coordinators. */
export const streamsGroupDescribe: RawHandler<GateServiceName | 'features'> = {
  ...described,
  handleRaw(body, call, services) {
    if (servesStreams(services)) return described.handleRaw(body, call, services);
    const { request } = codecFor(API.STREAMS_GROUP_DESCRIBE);
    const { groupIds } = request.decoder(call.apiVersion)(body, 0, body.length);
    const groups = groupIds.map((groupId) => {
      return refusedStreamsGroup(groupId, ERROR.UNSUPPORTED_VERSION);
    });
    services.replies.reply(call, { groups });
    return ANSWERED_LATER;
  },
};

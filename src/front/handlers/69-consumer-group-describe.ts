import { API } from '../../protocol/api-keys.ts';
import { forSeveralGroups } from './group-forwarding.ts';

/** ConsumerGroupDescribe (69), versions 0 to 1, served by the groups' coordinators. */
export const consumerGroupDescribe = forSeveralGroups({
  key: API.CONSUMER_GROUP_DESCRIBE,
  versions: '0-1',
  groupIds: (request) => request.groupIds,
  select: (request, places) => ({
    ...request,
    groupIds: places.map((place) => request.groupIds[place]!),
  }),
  merge: (answers) => ({
    throttleTimeMs: 0,
    groups: answers.flatMap(({ groups }) => groups),
  }),
});

import type { API } from '../../protocol/api-keys.ts';
import { refusedStreamsGroup } from '../../protocol/group-refusals.ts';
import type { Gate } from './gate.ts';
import { passDescriptions } from './group-gates.ts';

interface Named {
  readonly name: string;
}

/** A topology as members tell it, or as it is described. */
interface ToldTopology {
  readonly subtopologies:
    | readonly {
        readonly sourceTopics: readonly string[];
        readonly repartitionSinkTopics: readonly string[];
        readonly repartitionSourceTopics: readonly Named[];
        readonly stateChangelogTopics: readonly Named[];
      }[]
    | null;
}

export const describeStreamsGate: Gate<typeof API.STREAMS_GROUP_DESCRIBE> = (request, permits) => {
  return passDescriptions(request, permits, {
    topicsOf: ({ topology }) => topicsOf(topology),
    refused: refusedStreamsGroup,
    hiddenTopics: 'The described group uses topics that the client is not authorized to describe.',
  });
};

/** All topics that a topology names. */
export function topicsOf(topology: ToldTopology | null): string[] {
  return (topology?.subtopologies ?? []).flatMap((each) => [
    ...each.sourceTopics,
    ...each.repartitionSinkTopics,
    ...each.repartitionSourceTopics.map(({ name }) => name),
    ...each.stateChangelogTopics.map(({ name }) => name),
  ]);
}

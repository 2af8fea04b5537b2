import type { SubtopologyPlan, TopologyPlan } from '../topology/topology-plan.ts';

/** The same topology with all of its nodes in one task, as Kafka's TopologyTestDriver runs it. */
export function asOneSubtopology(plan: TopologyPlan): TopologyPlan {
  const all = plan.subtopologies;
  if (all.length <= 1) return plan;
  const merged: SubtopologyPlan = {
    id: 0,
    nodes: all.flatMap(({ nodes }) => nodes),
    stores: all.flatMap(({ stores }) => stores),
    repartitionSources: all.flatMap(({ repartitionSources }) => repartitionSources),
    sinkTopics: all.flatMap(({ sinkTopics }) => sinkTopics),
    copartitionGroups: [],
  };
  return { subtopologies: [merged], globals: plan.globals };
}

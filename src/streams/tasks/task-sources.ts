import { type TaskId, taskIdText } from '../topology/task-id.ts';
import { fullTopicName, type SourcePlan } from '../topology/topology-plan.ts';
import type { SourceNode } from './source-node.ts';
import { StreamsError } from './streams-error.ts';

/** The sources of a task by the topics that they read. */
export class TaskSources {
  readonly #taskId: TaskId;
  readonly #applicationId: string;
  readonly #byTopic = new Map<string, SourceNode>();
  readonly #patterns: { readonly pattern: RegExp; readonly source: SourceNode }[] = [];

  constructor(taskId: TaskId, applicationId: string) {
    this.#taskId = taskId;
    this.#applicationId = applicationId;
  }

  add({ topics, pattern }: SourcePlan, source: SourceNode): void {
    for (const topic of topics) {
      this.#byTopic.set(fullTopicName(topic, this.#applicationId), source);
    }
    if (pattern !== undefined) this.#patterns.push({ pattern, source });
  }

  /** Throws where none reads the topic. */
  of(topic: string): SourceNode {
    const source =
      this.#byTopic.get(topic) ?? this.#patterns.find(({ pattern }) => pattern.test(topic))?.source;
    if (source !== undefined) return source;
    const task = taskIdText(this.#taskId);
    throw new StreamsError(`topic ${topic} is unknown to the topology of task ${task}`, { task });
  }
}

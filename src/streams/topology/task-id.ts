/** Which part of which sub-topology: `0_3` is partition 3 of sub-topology 0. */
export interface TaskId {
  readonly subtopology: number;
  readonly partition: number;
}

/** As Kafka writes it, such as `0_3`. */
export function taskIdText({ subtopology, partition }: TaskId): string {
  return `${subtopology}_${partition}`;
}

const TASK_ID = /^(\d+)_(\d+)$/;

/** Undefined where the text is none. */
export function parseTaskId(text: string): TaskId | undefined {
  const match = TASK_ID.exec(text);
  if (match === null) return undefined;
  return { subtopology: Number(match[1]), partition: Number(match[2]) };
}

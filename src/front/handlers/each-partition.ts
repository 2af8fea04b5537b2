/** Partitions that a request names, topic by topic. */
export interface AskedTopic<Asked> {
  readonly name: string;
  readonly partitions: readonly Asked[];
}

export interface AnsweredTopic<Answer> {
  readonly name: string;
  partitions: Answer[];
}

/**
 * Answers a request partition by partition. A partition that is named more than once is refused,
 * since each time could cost as much as the first. Refusals make no promise: tens of thousands of
 * promises hold up the event loop.
 */
export async function answerEach<Asked, Answer extends object>(
  topics: readonly AskedTopic<Asked>[],
  indexOf: (asked: Asked) => number,
  answer: (topic: string, asked: Asked, isRepeated: boolean) => Answer | Promise<Answer>,
): Promise<AnsweredTopic<Answer>[]> {
  const repeated = repeatedPartitions(topics, indexOf);
  const waiting: Promise<void>[] = [];
  const answered: AnsweredTopic<Answer>[] = [];
  for (const { name, partitions } of topics) {
    const ofTopic = repeated.get(name);
    const answers = partitions.map((asked) => {
      return answer(name, asked, ofTopic?.has(indexOf(asked)) === true);
    });
    const topic: AnsweredTopic<Answer> = { name, partitions: answers as Answer[] };
    answered.push(topic);
    if (answers.some((each) => each instanceof Promise)) waiting.push(complete(topic, answers));
  }
  await Promise.all(waiting);
  return answered;
}

async function complete<Answer>(
  topic: AnsweredTopic<Answer>,
  answers: readonly (Answer | Promise<Answer>)[],
): Promise<void> {
  topic.partitions = await Promise.all(answers);
}

function repeatedPartitions<Asked>(
  topics: readonly AskedTopic<Asked>[],
  indexOf: (asked: Asked) => number,
): ReadonlyMap<string, ReadonlySet<number>> {
  const seen = new Map<string, Set<number>>();
  const repeated = new Map<string, Set<number>>();
  for (const { name, partitions } of topics) {
    for (const asked of partitions) {
      const index = indexOf(asked);
      const known = seen.get(name);
      if (known === undefined) seen.set(name, new Set([index]));
      else if (!known.has(index)) known.add(index);
      else if (repeated.has(name)) repeated.get(name)!.add(index);
      else repeated.set(name, new Set([index]));
    }
  }
  return repeated;
}

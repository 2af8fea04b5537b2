import { ERROR } from '../base/kafka-errors.ts';
import type { MetadataImage } from './image.ts';
import { ImageDraft } from './image-draft.ts';
import type { TopicOutcome } from './metadata-changes.ts';
import type { MutationBudget } from './mutation-budget.ts';
import type { TopicPlan } from './plan-topics.ts';
import type { MetadataRecord } from './records.ts';
import { refusal } from './refusal.ts';

export interface TopicsRequest<Item, Result> {
  readonly items: readonly Item[];
  /** What each of the items is told apart by. */
  readonly keys: readonly string[];
  readonly validateOnly: boolean;
  readonly duplicateMessage: string;
  readonly budget: MutationBudget;
  readonly plan: (image: MetadataImage, item: Item) => TopicPlan<Result>;
}

/**
 * Decides a request about many topics, in the order given. They are checked against each other too,
 * for names and for the limit of partitions.
 */
export class EachTopic<Item, Result> {
  readonly outcomes: TopicOutcome<Result>[] = [];
  readonly #request: TopicsRequest<Item, Result>;
  readonly #repeated: ReadonlySet<string>;
  /** Where a request that only validates makes its changes. */
  #tried: ImageDraft | null = null;

  constructor(request: TopicsRequest<Item, Result>) {
    this.#request = request;
    this.#repeated = repeatedOf(request.keys);
  }

  /** Decides about the topics up to `end`, and applies what it decides to the draft. */
  decide(image: ImageDraft, end: number): MetadataRecord[] {
    const { items, validateOnly } = this.#request;
    if (validateOnly) this.#tried ??= new ImageDraft(image);
    const draft = this.#tried ?? image;
    const records: MetadataRecord[] = [];
    while (this.outcomes.length < Math.min(end, items.length)) {
      const step = this.#decideOne(draft, this.outcomes.length);
      for (const record of step.records) {
        draft.apply(record);
        records.push(record);
      }
      this.outcomes.push({ refused: step.refused, result: step.result });
    }
    return validateOnly ? [] : records;
  }

  #decideOne(draft: ImageDraft, index: number): TopicPlan<Result> {
    const { items, keys, duplicateMessage, budget, plan } = this.#request;
    if (this.#repeated.has(keys[index]!)) {
      return refusedPlan(ERROR.INVALID_REQUEST, duplicateMessage);
    }
    const step = plan(draft, items[index]!);
    if (step.refused !== null || budget.take(step.partitionChanges)) return step;
    return refusedPlan(ERROR.THROTTLING_QUOTA_EXCEEDED, 'The throttling quota has been exceeded.');
  }
}

function refusedPlan<Result>(errorCode: number, message: string): TopicPlan<Result> {
  const refused = refusal(errorCode, message);
  return { refused, result: null, records: [], partitionChanges: 0 };
}

function repeatedOf(keys: readonly string[]): Set<string> {
  const seen = new Set<string>();
  return new Set(keys.filter((key) => seen.size === seen.add(key).size));
}

/**
 * The answer to StreamsGroupHeartbeat on its way to the front, which makes the topics that the
 * coordinator asks for:
 *
 *     response | topics to make, a CreateTopics request | int32 length of that request, 0 for none
 */
export interface AnswerParts {
  readonly response: Buffer;
  /** Empty where no topic has to be made. */
  readonly topics: Buffer;
}

/** The version of the CreateTopics request. */
export const TOPICS_VERSION = 7;
/** The bytes of the length at the end. */
export const TOPICS_LENGTH_BYTES = 4;

export function answerPartsOf(body: Buffer): AnswerParts {
  const topicsEnd = body.length - TOPICS_LENGTH_BYTES;
  const topicsAt = topicsEnd - body.readInt32BE(topicsEnd);
  return { response: body.subarray(0, topicsAt), topics: body.subarray(topicsAt, topicsEnd) };
}

/** What a member says of a record that it holds, by Kafka's numbers. */
export const ACKNOWLEDGE = {
  /** An offset that was acquired and has no record: a control batch, or compaction took it. */
  GAP: 0,
  /** Done: nobody gets it again. */
  ACCEPT: 1,
  /** Another delivery, to whoever asks first, until the group's limit of them. */
  RELEASE: 2,
  /** Nobody gets it again, although it was not done. */
  REJECT: 3,
  /** The member works on; the lock begins anew. */
  RENEW: 4,
} as const;

export type AcknowledgeType = (typeof ACKNOWLEDGE)[keyof typeof ACKNOWLEDGE];

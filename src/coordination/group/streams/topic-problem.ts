/** What a heartbeat tells of the state of its group. The numbers are those of the response. */
export const STREAMS_STATUS = {
  staleTopology: 0,
  missingSourceTopics: 1,
  incorrectlyPartitionedTopics: 2,
  missingInternalTopics: 3,
  shutdownApplication: 4,
  assignmentDelayed: 5,
} as const;

export type StreamsStatusCode = (typeof STREAMS_STATUS)[keyof typeof STREAMS_STATUS];

export interface StreamsStatus {
  statusCode: StreamsStatusCode;
  statusDetail: string;
}

/** The topics are not as the topology needs them. */
export class TopicProblem extends Error {
  readonly statusCode: StreamsStatusCode;

  constructor(statusCode: StreamsStatusCode, message: string) {
    super(message);
    this.name = 'TopicProblem';
    this.statusCode = statusCode;
  }
}

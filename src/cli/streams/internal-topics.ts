/** How the names of topics end that Kafka Streams makes for itself. */
const ENDINGS = [
  /-changelog$/,
  /-repartition$/,
  /-subscription-(registration|response)-topic$/,
  /-KTABLE-FK-JOIN-SUBSCRIPTION-(REGISTRATION|RESPONSE)-\d+-topic$/,
];

/** The internal topics of an application, by their names. */
export interface InternalTopicNames {
  readonly own: readonly string[];
  /**
   * They would be of an application `a`, but as well of another one there is, `a-b`: its name is in
   * front of theirs too.
   */
  readonly doubtful: readonly string[];
}

/** `groups` are the names of all groups: other applications are among them. */
export function internalTopicsOf(
  applicationId: string,
  topics: readonly string[],
  groups: readonly string[],
): InternalTopicNames {
  const start = `${applicationId}-`;
  const all = topics.filter((topic) => {
    return topic.startsWith(start) && ENDINGS.some((ending) => ending.test(topic));
  });
  const others = groups.filter((group) => group.startsWith(start));
  const isDoubtful = (topic: string) => others.some((other) => topic.startsWith(`${other}-`));
  return {
    own: all.filter((topic) => !isDoubtful(topic)).toSorted(),
    doubtful: all.filter(isDoubtful).toSorted(),
  };
}

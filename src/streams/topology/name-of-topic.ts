/** The name of a topic that is given by name or with its types. */
export function nameOfTopic(topic: string | { readonly name: string }): string {
  return typeof topic === 'string' ? topic : topic.name;
}

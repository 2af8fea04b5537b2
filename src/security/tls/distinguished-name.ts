/**
 * The subject of a certificate as Java writes it (RFC 2253), which is what Kafka's rules and ACLs
 * hold: the most specific part first, commas between. Node writes the parts in the order of the
 * certificate, a line each.
 */
export function distinguishedName(subject: string): string {
  return subject
    .split('\n')
    .filter((part) => part !== '')
    .reverse()
    .join(',');
}

/**
 * The most frequent name in a list, undefined for an empty one. Of equally frequent names the first
 * wins.
 */
export function mostWanted(names: readonly string[]): string | undefined {
  const votes = new Map<string, number>();
  for (const name of names) votes.set(name, (votes.get(name) ?? 0) + 1);
  let winner: string | undefined;
  let most = 0;
  for (const [name, count] of votes) {
    if (count <= most) continue;
    winner = name;
    most = count;
  }
  return winner;
}

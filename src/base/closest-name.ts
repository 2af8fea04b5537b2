const NAME_CHARS_MAX = 120;

/** The known name that is nearest to an unknown one, null where none is near enough to suggest. */
export function closestName(typed: string, known: Iterable<string>): string | null {
  const unknown = typed.slice(0, NAME_CHARS_MAX);
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(unknown.length / 5)) + 1;
  for (const name of known) {
    const distance = editDistance(unknown, name, bestDistance);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps; `bound` where it is at least that. */
function editDistance(from: string, to: string, bound: number): number {
  if (Math.abs(from.length - to.length) >= bound) return bound;
  let before: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= to.length; j++) {
      const cost = from[i - 1] === to[j - 1] ? 0 : 1;
      let value = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + cost);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        value = Math.min(value, before[j - 2]! + 1);
      }
      row.push(value);
      least = Math.min(least, value);
    }
    if (least >= bound) return bound;
    before = previous;
    previous = row;
  }
  return previous[to.length]!;
}

/**
 * Matches a glob: `*` stands for any characters, `?` for one. It steps back to the last star only,
 * so that a client's pattern takes at most pattern length times name length steps.
 */
export function matchesGlob(pattern: string, name: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let starAt = 0;
  while (at < name.length) {
    const wanted = pattern[place];
    if (wanted === '*') {
      star = place++;
      starAt = at;
    } else if (place < pattern.length && (wanted === '?' || wanted === name[at])) {
      place++;
      at++;
    } else if (star >= 0) {
      place = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (pattern[place] === '*') place++;
  return place === pattern.length;
}

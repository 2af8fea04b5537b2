/**
 * Matches a glob: `*` stands for any characters, `?` for one. It steps back to the last star only,
 * so that a client's pattern takes at most pattern length times name length steps.
 */
export function matchesGlob(pattern: string, name: string): boolean {
  let at = 0;
  let patternAt = 0;
  let star = -1;
  let starAt = 0;
  while (at < name.length) {
    const wanted = pattern[patternAt];
    if (wanted === '*') {
      star = patternAt++;
      starAt = at;
    } else if (patternAt < pattern.length && (wanted === '?' || wanted === name[at])) {
      patternAt++;
      at++;
    } else if (star >= 0) {
      patternAt = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (pattern[patternAt] === '*') patternAt++;
  return patternAt === pattern.length;
}

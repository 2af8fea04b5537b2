/**
 * `*` stands for any characters, `?` for one. Steps back to the last star only, so that no pattern
 * of a client takes more than pattern times name steps.
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

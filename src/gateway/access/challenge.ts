/**
 * What a 401 asks for, by the header `x-requested-with`. Asked for Basic, a browser shows a window
 * of its own, before the script that asked can show its form.
 */
export function challengeFor(requestedWith: string): string {
  return requestedWith === 'XMLHttpRequest' ? 'Bearer' : 'Basic realm="millrace", Bearer';
}

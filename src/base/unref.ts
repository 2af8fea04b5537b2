/** Lets a process end that only this timer would keep alive. A browser's timer is a number. */
export function unref(timer: NodeJS.Timeout): NodeJS.Timeout {
  const { unref: release } = timer as { unref?: () => void };
  if (release !== undefined) release.call(timer);
  return timer;
}

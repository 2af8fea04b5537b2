/**
 * Runs work and cleans up behind it, once. An interrupted run ends only when all is stopped and
 * deleted.
 */
export async function stoppedOnce<Result>(
  work: () => Promise<Result>,
  cleanUp: () => Promise<void>,
): Promise<Result> {
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= cleanUp();
    return stopping;
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stop().then(() => process.exit(1)));
  }
  try {
    return await work();
  } finally {
    await stop();
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

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
  const onSignal = (): void => void stop().then(() => process.exit(1));
  for (const signal of SIGNALS) process.once(signal, onSignal);
  try {
    return await work();
  } finally {
    await stop();
    // Or it would end the process while what runs next is still cleaning up.
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

/** Says when the application runs, and ends with it, or with SIGTERM; its failure goes to stderr. */
export async function runApplication(app) {
  process.once('SIGTERM', () => app.close().then(() => process.exit(0)));
  await app.start();
  process.stdout.write('RUNNING\n');
  await app.ended();
  if (app.failure === null) return;
  process.stderr.write(`${app.failure?.stack ?? app.failure}\n`);
  process.exit(1);
}

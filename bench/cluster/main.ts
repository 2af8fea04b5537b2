/** The producer of a turn, in a process of its own: prints figures as JSON. */
import { produceToLeaders } from './produce-to-leaders.ts';

const figures = await produceToLeaders(JSON.parse(process.argv[2]!));
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit(0);

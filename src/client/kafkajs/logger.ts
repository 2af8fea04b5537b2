import { logLevel } from './constants.ts';
import type { LogEntry, Logger, logCreator } from './types.ts';

/** One line of JSON for each entry, on the console. */
export const consoleLogCreator: logCreator = () => {
  return ({ namespace, level, label, log }: LogEntry) => {
    const prefix = namespace === undefined || namespace === '' ? '' : `[${namespace}] `;
    const line = JSON.stringify({ level: label, ...log, message: `${prefix}${log.message}` });
    if (level === logLevel.ERROR) console.error(line);
    else if (level === logLevel.WARN) console.warn(line);
    else if (level === logLevel.INFO) console.info(line);
    else console.log(line);
  };
};

/** KAFKAJS_LOG_LEVEL overrules the program. */
function evaluated<T>(level: T): T | logLevel {
  const name = (process.env.KAFKAJS_LOG_LEVEL ?? '').toUpperCase();
  return logLevel[name as keyof typeof logLevel] ?? level;
}

export function createLogger(options: { level: logLevel; logCreator: logCreator }): Logger {
  let rootLevel: logLevel = evaluated(options.level);
  const write = options.logCreator(rootLevel);
  const named = (namespace: string | undefined, ownLevel: logLevel | null): Logger => {
    const at = (label: keyof typeof logLevel) => {
      const level = logLevel[label];
      return (message: string, extra: object = {}) => {
        if (level > (ownLevel ?? rootLevel)) return;
        const timestamp = new Date().toISOString();
        const log = { timestamp, logger: 'kafkajs', message, ...extra };
        write({ namespace: namespace as string, level, label, log });
      };
    };
    return {
      info: at('INFO'),
      error: at('ERROR'),
      warn: at('WARN'),
      debug: at('DEBUG'),
      namespace: (name, level) => named(name, evaluated(level ?? null)),
      setLogLevel: (level) => {
        rootLevel = level;
      },
    };
  };
  return named(undefined, null);
}

/** The log of the server, on its standard output: lines of JSON for programs, or text for people. */
import { type Logger, pino } from 'pino';
import type { Config } from '../config.ts';
import { visible } from '../terminal.ts';

export interface Log {
  readonly log: Logger;
  /** Reports the address, whatever the level of the log is: programs that start the server wait for it. */
  ready(url: string): void;
}

export const createLog = async (
  { logLevel: level, logFormat }: Pick<Config, 'logLevel' | 'logFormat'>,
  isTerminal: boolean,
): Promise<Log> => {
  if ((logFormat ?? (isTerminal ? 'pretty' : 'json')) === 'json') {
    const log = pino({ level }, pino.destination({ sync: true }));
    const ready = (url: string) => {
      const seconds = process.uptime().toFixed(1);
      log.child({}, { level: 'info' }).info({ url }, `Signalbox ready at ${url} after ${seconds} s`);
      // For those who look for the line that the README shows.
      process.stderr.write(`Signalbox ready at ${url}\n`);
    };
    return { log, ready };
  }
  const { default: pretty } = await import('pino-pretty');
  const stream = pretty({
    ...{ sync: true, colorize: isTerminal, singleLine: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' },
    // Everything but the message is JSON, in which texts of other people cannot act on the terminal.
    errorLikeObjectKeys: [],
    messageFormat: ({ msg }) => visible(String(msg ?? '')),
  });
  return { log: pino({ level }, stream), ready: (url) => void process.stdout.write(`Signalbox ready at ${url}\n`) };
};

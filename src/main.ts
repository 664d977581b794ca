import { pino } from 'pino';
import { startApp } from './app/app.ts';
import { type Config, ConfigError, lineOf, readConfig } from './config.ts';
import { messageOf } from './errors.ts';

// Every file that is made from here on, and every folder, is for its owner alone: SQLite's -wal and -shm too.
process.umask(0o077);

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const start = async (config: Config) => {
  const log = pino({ level: config.logLevel }, pino.destination({ sync: true }));
  const app = await startApp({
    config,
    log,
    onLost: (error) => {
      log.fatal({ err: error }, 'the server cannot go on');
      process.exit(1);
    },
  });
  const stop = (signal: NodeJS.Signals) => {
    process.off('SIGTERM', stop).off('SIGINT', stop);
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), config.drainMs).unref();
    app.stop().then(
      () => process.exit(0),
      (error) => fail(messageOf(error)),
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  process.stdout.write(`Signalbox ready at ${app.url}\n`);
};

/** What the system refuses because of a setting names that setting. */
const reasonOf = (error: NodeJS.ErrnoException, { host, port, dataDir }: Config): string => {
  const { code = '', syscall } = error;
  if (code === 'EADDRINUSE') return lineOf('PORT', String(port), `another program listens on ${host}:${port}`);
  if (syscall === 'listen') return lineOf(code === 'EACCES' ? 'PORT' : 'HOST', `${host}:${port}`, error.message);
  if (syscall === 'mkdir') return lineOf('DATA_DIR', dataDir, `the folder cannot be used: ${error.message}`);
  return `Signalbox cannot start: ${messageOf(error)}`;
};

const main = async () => {
  const config = readConfig(process.env);
  await start(config).catch((error) => fail(reasonOf(error, config)));
};

main().catch((error) => fail(error instanceof ConfigError ? error.message : `Signalbox cannot start: ${error}`));

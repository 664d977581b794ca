import { pino } from 'pino';
import { startApp } from './app.ts';
import { ConfigError, readConfig } from './config.ts';
import { messageOf } from './errors.ts';

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const start = async () => {
  const config = readConfig(process.env);
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

start().catch((error) => {
  if (error instanceof ConfigError) fail(error.message);
  fail(`Signalbox cannot start: ${messageOf(error)}`);
});

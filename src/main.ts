import { parseArgs } from 'node:util';
import { VERSION } from './app/assets.ts';
import { nativeProblem } from './app/native.ts';
import { type Config, ConfigError } from './config.ts';
import { messageOf } from './errors.ts';
import { readSettings, type Settings } from './settings.ts';
import { visible, visibleLines } from './terminal.ts';

const USAGE = `Usage: npm start -- [OPTION]...
Runs long database jobs behind a GraphQL API.

  --config FILE  read settings from FILE, lines of NAME=value (default: signalbox.env, if it exists)
  --kinds FILE   add the kinds that a module exports; may be repeated, and followed by more files
  --check        print the settings and where each comes from, without secrets, and exit
  --version      print the version and exit
  --help         print this and exit

The settings are listed in docs/operate.md. The environment overrides the file.`;

// Every file and folder created from here on is accessible to its owner only, including SQLite's -wal and -shm files.
process.umask(0o077);

const fail = (message: string): never => {
  process.stderr.write(`${visibleLines(message)}\n`);
  process.exit(1);
};

const print = (text: string) => process.stdout.write(`${text}\n`);

const start = async (settings: Settings, kindFiles: readonly string[]) => {
  const { config, effective, warnings } = settings;
  const { createLog } = await import('./app/log.ts');
  const { log, ready } = await createLog(config, process.stdout.isTTY === true);
  for (const warning of warnings) log.warn(warning);
  const about = { version: VERSION, node: process.version, dataDir: config.dataDir };
  const given = Object.fromEntries(Object.entries(effective).filter(([, value]) => value !== ''));
  log.info({ ...about, settings: given }, 'starting');
  // The app is imported only after the native packages are known to load.
  const { startApp } = await import('./app/app.ts');
  const { findKinds } = await import('./app/kinds.ts');
  const app = await startApp({
    config,
    log,
    kinds: await findKinds(kindFiles),
    isWarm: true,
    onLost: (error) => {
      log.fatal({ err: error }, 'the server cannot go on');
      process.exit(1);
    },
  });
  const stop = (signal: NodeJS.Signals) => {
    process.off('SIGTERM', stop).off('SIGINT', stop);
    log.info({ ...about, signal }, 'stopping');
    setTimeout(() => process.exit(1), config.drainMs).unref();
    app.stop().then(
      () => {
        log.info(about, 'stopped');
        process.exit(0);
      },
      (error) => fail(messageOf(error)),
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  ready(app.url);
};

/** If the operating system refuses something because of a setting, the message names that setting. */
const reasonOf = (error: NodeJS.ErrnoException, { config, lineOf }: Settings): string => {
  const { host, port, dataDir }: Config = config;
  const { code = '', syscall } = error;
  if (code === 'EADDRINUSE') return lineOf('PORT', String(port), `another program listens on ${host}:${port}`);
  if (syscall === 'listen') return lineOf(code === 'EACCES' ? 'PORT' : 'HOST', `${host}:${port}`, error.message);
  if (syscall === 'mkdir') return lineOf('DATA_DIR', dataDir, `the folder cannot be used: ${error.message}`);
  return `Signalbox cannot start: ${messageOf(error)}`;
};

const readOptions = () => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        kinds: { type: 'string', multiple: true },
        check: { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    if (positionals.length > 0 && values.kinds === undefined) {
      throw new ConfigError(`unexpected argument '${positionals[0]}'; --help lists the options`);
    }
    return { ...values, kindFiles: [...(values.kinds ?? []), ...positionals] };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    // The first sentence names the command-line argument.
    const [sentence = ''] = messageOf(error).split('. ');
    throw new ConfigError(`${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}; --help lists the options`);
  }
};

const main = async () => {
  const { config: file, check, version, help, kindFiles } = readOptions();
  if (help) return print(USAGE);
  if (version) return print(VERSION);
  if (process.platform === 'win32') return fail('Signalbox does not run on Windows: use WSL');
  const settings = readSettings({ environment: process.env, file });
  const problem = nativeProblem(process.env.PATH);
  if (problem !== null) return fail(problem);
  if (!check) return start(settings, kindFiles).catch((error) => fail(reasonOf(error, settings)));
  print(settings.report.map(visible).join('\n'));
  if (settings.warnings.length > 0) process.stderr.write(`${settings.warnings.map(visible).join('\n')}\n`);
};

main().catch((error) => fail(error instanceof ConfigError ? error.message : `Signalbox cannot start: ${error}`));

/** `signalbox sql`: statements, one after the other or as they are typed. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline/promises';
import type { Command } from 'commander';
import { ApiError, type Client } from '../client/index.ts';
import { messageOf } from '../errors.ts';
import { sleep } from '../sleep.ts';
import {
  print,
  printError,
  printJson,
  type ServerOptions,
  UsageError,
  withClient,
  withServer,
} from './server-options.ts';
import { tableOf } from './table.ts';

interface Options extends ServerOptions {
  readonly execute?: readonly string[];
  readonly json?: boolean;
}

interface Result {
  readonly tag: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly notices: readonly { readonly severity: string; readonly message: string }[];
}

export const addSql = (program: Command): void => {
  withServer(program.command('sql').description('execute SQL statements: PAUSE JOBS (SELECT …), SHOW JOBS …'))
    .option('-e, --execute <sql>', 'execute this statement; may be repeated', (sql: string, all: string[] = []) => [
      ...all,
      sql,
    ])
    .option('--json', 'print each row as a line of JSON')
    .action((options: Options) =>
      withClient(options, (client) => (options.execute ? runAll(client, options) : converse(client, options))),
    );
};

const EXECUTE = `mutation ($sql: String!) {
  execute(sql: $sql, maxRows: 10000) { tag columns { name type } rows truncated notices { severity message } }
}`;

const execute = async (client: Client, sql: string): Promise<Result> =>
  (await client.request<{ readonly execute: Result }>(EXECUTE, { sql })).execute;

const runAll = async (client: Client, { execute: statements = [], json = false }: Options): Promise<void> => {
  for (const sql of statements) show(await execute(client, sql), json);
};

const show = ({ tag, columns, rows, truncated, notices }: Result, json: boolean): void => {
  for (const { severity, message } of notices) printError(`${severity}:  ${message}`);
  if (json) {
    for (const row of rows) printJson(Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])));
    return;
  }
  if (columns.length === 0) {
    print(tag);
    return;
  }
  const texts = rows.map((row) => row.map((value) => (value === null ? '' : String(value))));
  print(
    tableOf(
      columns.map(({ name }) => name),
      texts,
    ),
  );
  print(`(${rows.length} ${rows.length === 1 ? 'row' : 'rows'}${truncated ? ', and more' : ''})`);
};

const WORDS = [
  'PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE ',
  'RESUME JOBS (SELECT job_id FROM [SHOW JOBS] WHERE ',
  'CANCEL JOBS (SELECT job_id FROM [SHOW JOBS] WHERE ',
  'PAUSE JOB ',
  'RESUME JOB ',
  'CANCEL JOB ',
  'EXPLAIN ',
  'SHOW JOBS',
  'SHOW JOB ',
  'SHOW CHANGEFEED JOBS',
  'SHOW BACKUPS IN ',
  'SELECT job_id, job_type, status FROM [SHOW JOBS] WHERE ',
  'BACKUP DATABASE ',
  'RESTORE DATABASE ',
  'IMPORT INTO ',
  'ALTER TABLE ',
  'CREATE INDEX ',
  '\\watch',
  '\\q',
];
const COLUMNS = [
  'job_id',
  'job_type',
  'description',
  'user_name',
  'status',
  'created',
  'started',
  'finished',
  'modified',
  'fraction_completed',
  'error',
  'database',
];

/** The beginnings of statements, and within one the names of columns. */
export const complete = (line: string): [string[], string] => {
  const starts = WORDS.filter((word) => word.toLowerCase().startsWith(line.toLowerCase()));
  if (starts.length > 0) return [starts, line];
  const word = /\w*$/.exec(line)?.[0] ?? '';
  return [word === '' ? [] : COLUMNS.filter((name) => name.startsWith(word.toLowerCase())), word];
};

const HISTORY = join(homedir(), '.signalbox_history');
const LONGEST_HISTORY = 1_000;

const converse = async (client: Client, { json = false }: Options): Promise<void> => {
  if (!process.stdin.isTTY) return runScript(client, json);
  const history = existsSync(HISTORY) ? readFileSync(HISTORY, 'utf8').split('\n').filter(Boolean) : [];
  const reader = createInterface({
    input: process.stdin,
    output: process.stdout,
    completer: complete,
    history: [...history].reverse(),
    historySize: LONGEST_HISTORY,
  });
  print('Statements end with a semicolon. \\watch 2 repeats the last one, \\q ends. docs/sql.md lists them.');
  let last = '';
  // Lines that are pasted together wait here.
  const lines = reader[Symbol.asyncIterator]();
  try {
    for (;;) {
      const sql = await readStatement(reader, lines);
      if (sql === null || /^\\q\b/.test(sql)) return;
      const watched = /^\\watch\s*([\d.]*)/.exec(sql);
      history.push(sql.replace(/\s*\n\s*/g, ' '));
      if (watched !== null) await watch(client, last, Number(watched[1] || 2), json, reader);
      else {
        last = sql;
        await attempt(client, sql, json);
      }
    }
  } finally {
    reader.close();
    writeFileSync(HISTORY, `${history.slice(-LONGEST_HISTORY).join('\n')}\n`, { mode: 0o600 });
  }
};

/** Null at the end of the input. A backslash command is a line, a statement ends with a semicolon. */
const readStatement = async (reader: Interface, lines: AsyncIterator<string>): Promise<string | null> => {
  let text = '';
  for (;;) {
    reader.setPrompt(text === '' ? 'signalbox> ' : '        -> ');
    reader.prompt();
    const { value: line, done } = await lines.next();
    if (done === true) return null;
    if (text === '' && line.startsWith('\\')) return line.trim();
    text += text === '' ? line : `\n${line}`;
    if (text.trim() === '') text = '';
    else if (/;\s*$/.test(text)) return text.replace(/;\s*$/, '');
  }
};

/** Statements from a file or a pipe. The first error ends it. */
const runScript = async (client: Client, json: boolean): Promise<void> => {
  const pieces: string[] = [];
  for await (const piece of process.stdin) pieces.push(String(piece));
  for (const sql of pieces.join('').split(/;[ \t]*(?:\r?\n|$)/))
    if (sql.trim() !== '') show(await execute(client, sql), json);
};

const attempt = async (client: Client, sql: string, json: boolean): Promise<boolean> => {
  try {
    show(await execute(client, sql), json);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    printError(`ERROR:  ${messageOf(error)}`);
    return false;
  }
};

/** Repeats a statement until Ctrl-C. */
const watch = async (client: Client, sql: string, seconds: number, json: boolean, reader: Interface): Promise<void> => {
  if (sql === '' || !(seconds > 0))
    throw new UsageError('\\watch needs a statement before it, and a number of seconds');
  const stop = new AbortController();
  const end = () => stop.abort();
  reader.once('SIGINT', end);
  while (!stop.signal.aborted && (await attempt(client, sql, json)))
    await sleep(seconds * 1_000, stop.signal).catch(() => undefined);
  reader.off('SIGINT', end);
};

/** The grammar of the statements: what they begin with. A nested SELECT is left to PostgreSQL's parser. */
import { COMMANDS, type JobCommand } from '../jobs/status.ts';
import { sqlError } from './errors.ts';
import { lex, positionOf, type Token } from './lexer.ts';
import { parseBackup, parseRestore } from './parse-backup.ts';
import { parseChangefeed } from './parse-changefeed.ts';
import { parseImport } from './parse-import.ts';
import { parseCreateSchedule, parseScheduleCommand, parseSchedules, parseShowSchedules } from './parse-schedule.ts';
import { parseAlterTable, parseCreateIndex, parseDropIndex } from './parse-schema-change.ts';
import {
  parseDeclare,
  parseDiscard,
  parseFetch,
  parseSet,
  parseShowSetting,
  parseTransaction,
  parseUse,
} from './parse-session.ts';
import { createReader, type Reader } from './reader.ts';
import type { Nested, Shown, Statement } from './statement.ts';

/** One statement of a text, with the tokens that it consists of. */
export interface Source {
  readonly text: string;
  readonly tokens: readonly Token[];
}

/** The statements of a text, which semicolons separate. Empty ones are left out. */
export const splitStatements = (text: string): readonly Source[] => {
  const tokens = lex(text);
  const sources: Source[] = [];
  let from = 0;
  tokens.forEach((token, index) => {
    const isEnd = token.is === 'end' || (token.is === 'sign' && token.value === ';');
    if (!isEnd) return;
    const end: Token = { is: 'end', value: '', start: token.start, end: token.start };
    if (index > from) sources.push({ text, tokens: [...tokens.slice(from, index), end] });
    from = index + 1;
  });
  return sources;
};

/** @throws 42601 unless the text is one statement */
export const onlyStatement = (text: string): Source => {
  const [first, second] = splitStatements(text);
  if (second !== undefined) {
    const at = positionOf(text, second.tokens[0]?.start ?? 0);
    throw sqlError('syntax', 'only one statement is allowed here', at);
  }
  return first ?? { text, tokens: lex(text).slice(-1) };
};

/** @throws 42601 with the position of what is wrong, 0A000 for what is not supported */
export const parseStatement = ({ text, tokens }: Source): Statement => {
  const reader = createReader(text, tokens);
  if (reader.isEnd()) return { is: 'empty' };
  const statement = readStatement(reader);
  if (reader.isNext('as', 'of', 'system', 'time')) {
    reader.fail(
      'AS OF SYSTEM TIME is not supported: a backup has the state of its start',
      reader.position(),
      'notSupported',
    );
  }
  reader.end();
  return statement;
};

const readStatement = (reader: Reader): Statement => {
  for (const command of COMMANDS) {
    if (!reader.accept(command.toLowerCase())) continue;
    return (command === 'CANCEL' ? null : parseScheduleCommand(reader, command)) ?? readControl(reader, command);
  }
  if (reader.accept('show')) return readShow(reader);
  const feed = readSelectedFeed(reader);
  if (feed !== null) return feed;
  if (reader.isNext('select') || reader.isNext('with') || reader.isNext('values') || reader.isNext('table')) {
    return { is: 'select', select: rest(reader) };
  }
  if (reader.isNext('(')) return { is: 'select', select: rest(reader) };
  if (reader.accept('explain')) return readExplain(reader);
  if (reader.accept('create', 'schedule')) return parseCreateSchedule(reader);
  if (reader.isNext('drop', 'schedule') || reader.isNext('drop', 'schedules')) {
    reader.skip();
    return parseScheduleCommand(reader, 'DROP') ?? reader.unexpected();
  }
  const cursor = parseDeclare(reader);
  if (cursor !== null) return { is: 'declare', name: cursor, of: readStatement(reader) };
  return readCreation(reader) ?? readSession(reader) ?? unknown(reader);
};

/** The messages of a changefeed as a SELECT: psql shows rows as they come only of what begins so. */
const readSelectedFeed = (reader: Reader): Statement | null => {
  if (!reader.accept('select', '*', 'from', '[', 'create', 'changefeed')) return null;
  const feed = parseChangefeed(reader);
  reader.expect(']');
  return { ...feed, tag: 'SELECT' };
};

const readCreation = (reader: Reader): Statement | null => {
  if (reader.accept('backup')) return parseBackup(reader);
  if (reader.accept('restore')) return parseRestore(reader);
  if (reader.accept('import')) return parseImport(reader);
  if (reader.accept('create', 'changefeed')) return parseChangefeed(reader);
  if (reader.accept('alter', 'table')) return parseAlterTable(reader);
  if (reader.accept('create', 'unique', 'index')) return parseCreateIndex(reader, true);
  if (reader.accept('create', 'index')) return parseCreateIndex(reader, false);
  return reader.accept('drop', 'index') ? parseDropIndex(reader) : null;
};

const readSession = (reader: Reader): Statement | null =>
  parseUse(reader) ?? parseSet(reader) ?? parseTransaction(reader) ?? parseDiscard(reader) ?? parseFetch(reader);

/** Statements that PostgreSQL has and that mean nothing here. */
const FOREIGN =
  /^(insert|update|delete|merge|truncate|create|drop|alter|grant|revoke|copy|listen|notify|vacuum|analyze|lock|call|do|prepare|execute)$/;

const unknown = (reader: Reader): never => {
  const { value } = reader.token();
  if (!FOREIGN.test(value)) return reader.unexpected();
  return reader.fail(
    `${value.toUpperCase()} is not supported: docs/sql.md lists the statements`,
    reader.position(),
    'notSupported',
  );
};

/** The statement from here to its end. */
const rest = (reader: Reader): Nested => {
  const from = reader.token().start;
  while (!reader.isEnd()) reader.skip();
  return { from, to: reader.token().end };
};

const readControl = (reader: Reader, command: JobCommand): Statement => {
  const base = { is: 'control', command } as const;
  if (reader.accept('all')) {
    const at = reader.position();
    const name = reader.accept('schema', 'change') ? 'SCHEMA CHANGE' : reader.name();
    reader.expect('jobs');
    return { ...base, target: { is: 'type', name, at }, ...readWith(reader) };
  }
  if (reader.accept('jobs')) {
    if (reader.accept('for')) {
      return { ...base, target: { is: 'schedules', schedules: parseSchedules(reader) }, ...readWith(reader) };
    }
    return { ...base, target: { is: 'select', select: nested(reader) }, ...readWith(reader) };
  }
  reader.expect('job');
  // A SELECT of one job is accepted here too.
  if (reader.isNext('(')) return { ...base, target: { is: 'select', select: nested(reader) }, ...readWith(reader) };
  return { ...base, target: { is: 'id', id: reader.id() }, ...readWith(reader) };
};

const nested = (reader: Reader): Nested => {
  const [from, to] = reader.parenthesis();
  return { from, to };
};

const readWith = (reader: Reader): Pick<Extract<Statement, { is: 'control' }>, 'reason' | 'outcomes'> => {
  let reason: ReturnType<Reader['literal']> | null = null;
  let outcomes = false;
  if (!reader.accept('with')) return { reason, outcomes };
  do {
    const at = reader.position();
    const isReason = reason === null && reader.accept('reason');
    if (isReason) {
      reader.accept('=');
      reason = reader.textLiteral();
    } else if (!outcomes && reader.accept('outcomes')) outcomes = true;
    else reader.fail(`unknown option ${JSON.stringify(reader.name())}: REASON and OUTCOMES are allowed once`, at);
  } while (reader.accept(','));
  return { reason, outcomes };
};

/** What SHOW has in CockroachDB, and not here. */
const FOREIGN_SHOWN =
  /^(columns|constraints|create|databases|enums|experimental_\w+|grants|index|indexes|indices|keys|locality|partitions|queries|range|ranges|regions|roles|schemas|sequences|sessions|statements|statistics|tables|transactions|types|users|zone)$/;

const readShow = (reader: Reader): Statement => {
  if (reader.accept('backups', 'in')) return { is: 'showBackups', url: reader.textLiteral() };
  if (reader.accept('backup')) return readShowBackup(reader);
  const schedules = parseShowSchedules(reader);
  if (schedules !== null) return schedules;
  if (reader.accept('automatic', 'jobs')) return shown({ is: 'automatic' });
  if (reader.accept('changefeed', 'jobs')) return shown({ is: 'changefeed' });
  if (FOREIGN_SHOWN.test(reader.token().value)) {
    const { value } = reader.token();
    const words = `SHOW ${value.toUpperCase()}`;
    reader.fail(`${words} is not supported: docs/sql.md lists the statements`, reader.position(), 'notSupported');
  }
  const isPlural = reader.accept('jobs');
  if (!isPlural && !reader.accept('job')) return parseShowSetting(reader);
  if (isPlural && reader.accept('for')) return shown({ is: 'schedules', schedules: parseSchedules(reader) });
  const whenComplete = reader.accept('when', 'complete');
  if (reader.isNext('(')) return shown({ is: 'select', select: nested(reader) }, whenComplete);
  if (isPlural && !whenComplete) return shown({ is: 'recent' });
  return shown({ is: 'id', id: reader.id() }, whenComplete);
};

const shown = (jobs: Shown, whenComplete = false): Statement => ({ is: 'showJobs', shown: jobs, whenComplete });

const readShowBackup = (reader: Reader): Statement => {
  const hasFrom = reader.accept('from');
  const first = reader.accept('latest') ? 'latest' : reader.textLiteral();
  if (first === 'latest' || reader.isNext('in')) {
    reader.expect('in');
    return { is: 'showBackup', url: reader.textLiteral(), below: first };
  }
  if (hasFrom) reader.expect('in');
  return { is: 'showBackup', url: first, below: null };
};

const readExplain = (reader: Reader): Statement => {
  const at = reader.position();
  const of = readStatement(reader);
  if (of.is === 'control') return { is: 'explain', of };
  return reader.fail('EXPLAIN is for PAUSE, RESUME and CANCEL', at, 'notSupported');
};

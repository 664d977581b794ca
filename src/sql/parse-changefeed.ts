/** The grammar of CREATE CHANGEFEED. */
import { flagValue, inputOf, type Option, type OptionTable, oneOf, parseOptions } from './options.ts';
import type { Reader } from './reader.ts';
import type { Creation } from './statement.ts';
import { databaseOf, tableName, tablesOf } from './tables.ts';
import { intervalMs } from './values.ts';

const ENVELOPES = { wrapped: 'WRAPPED', bare: 'BARE', row: 'BARE', key_only: 'KEY_ONLY' };
const SCANS = { yes: 'YES', no: 'NO', only: 'ONLY' };
const ON_ERROR = { fail: 'FAIL', pause: 'PAUSE' };

const OPTIONS: OptionTable = {
  envelope: (option, reader) => ({ envelope: oneOf(option, ENVELOPES, reader) }),
  // JSON is the only format.
  format: (option, reader) => (oneOf(option, { json: 'json' }, reader) === 'json' ? {} : {}),
  diff: (option, reader) => ({ diff: flagValue(option, reader) }),
  updated: (option, reader) => ({ updated: flagValue(option, reader) }),
  resolved: (option, reader) => ({ resolvedEveryMs: durationOf(option, reader) }),
  initial_scan: (option, reader) => ({ initialScan: option.value === null ? 'YES' : oneOf(option, SCANS, reader) }),
  no_initial_scan: (option, reader) => ({ initialScan: flagValue(option, reader) ? 'NO' : 'YES' }),
  initial_scan_only: (option, reader) => ({ initialScan: flagValue(option, reader) ? 'ONLY' : 'YES' }),
  on_error: (option, reader) => ({ onError: oneOf(option, ON_ERROR, reader) }),
  operations: (option, reader) => ({ operations: flagValue(option, reader) }),
};

/** Without a value, a second. */
const durationOf = ({ value }: Option, reader: Reader): number => {
  if (value === null) return 1_000;
  if (value.is === 'parameter')
    return reader.fail('option resolved must be written as a text', value.at, 'notSupported');
  return intervalMs(value.value, value.at);
};

export const parseChangefeed = (reader: Reader): Creation => {
  reader.expect('for');
  reader.accept('table');
  const names = reader.listOf(() => {
    reader.accept('table');
    return tableName(reader);
  });
  const tables =
    tablesOf(names, reader) ?? reader.fail('db.* is not possible: name the tables', names[0]?.at, 'notSupported');
  const sink = reader.accept('into') ? reader.textLiteral() : null;
  const database = databaseOf(names, reader);
  const options = inputOf(parseOptions(reader), OPTIONS, 'CREATE CHANGEFEED', reader);
  return {
    is: 'create',
    typeName: 'CHANGEFEED',
    tag: 'CREATE CHANGEFEED',
    input: { ...(database === null ? {} : { database }), tables, ...(sink === null ? {} : { sink }), ...options },
    // It never ends by itself.
    detached: sink !== null,
    ...(sink === null ? { streams: true } : {}),
  };
};

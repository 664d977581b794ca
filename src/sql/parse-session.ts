/** The grammar of statements about the session: USE, SET, SHOW of a setting, transactions, DISCARD. */
import type { Reader } from './reader.ts';
import type { Statement } from './statement.ts';

export const parseUse = (reader: Reader): Statement | null => {
  if (!reader.accept('use')) return null;
  return { is: 'use', database: nameOrText(reader) };
};

const nameOrText = (reader: Reader): { readonly is: 'text'; readonly value: string; readonly at: number } => {
  const at = reader.position();
  const { is } = reader.token();
  if (is !== 'text') return { is: 'text', value: reader.name(), at };
  const { value } = reader.token();
  reader.skip();
  return { is: 'text', value, at };
};

/** SET name {= | TO} value; SET SESSION …; SET TIME ZONE; RESET name. */
export const parseSet = (reader: Reader): Statement | null => {
  const at = reader.position();
  if (reader.accept('reset')) return { is: 'set', name: settingName(reader), value: null, at };
  if (!reader.accept('set')) return null;
  if (reader.accept('local') || reader.accept('session')) {
    if (reader.accept('characteristics')) return { is: 'set', name: 'characteristics', value: words(reader), at };
  }
  if (reader.accept('transaction')) return { is: 'set', name: 'characteristics', value: words(reader), at };
  if (reader.accept('time', 'zone')) return { is: 'set', name: 'timezone', value: words(reader), at };
  const nameAt = reader.position();
  const name = settingName(reader);
  if (!reader.accept('=')) reader.expect('to');
  return { is: 'set', name, value: words(reader), at: nameAt };
};

const settingName = (reader: Reader): string => {
  let name = reader.name().toLowerCase();
  while (reader.accept('.')) name += `.${reader.name().toLowerCase()}`;
  return name;
};

/** The rest of the statement as one value. */
const words = (reader: Reader): string => {
  if (reader.isEnd()) reader.unexpected();
  const parts: string[] = [];
  while (!reader.isEnd()) {
    parts.push(reader.token().value);
    reader.skip();
  }
  return parts.join(' ').replace(/ , /g, ', ').replace(/^- /, '-');
};

export const parseShowSetting = (reader: Reader): Statement => {
  const at = reader.position();
  if (reader.accept('transaction', 'isolation', 'level')) return { is: 'show', name: 'transaction_isolation', at };
  if (reader.accept('time', 'zone')) return { is: 'show', name: 'timezone', at };
  return { is: 'show', name: settingName(reader), at };
};

export const parseTransaction = (reader: Reader): Statement | null => {
  const tag =
    reader.accept('begin') || reader.accept('start', 'transaction')
      ? 'BEGIN'
      : reader.accept('commit') || reader.accept('end')
        ? 'COMMIT'
        : reader.accept('rollback') || reader.accept('abort')
          ? 'ROLLBACK'
          : null;
  if (tag === null) return null;
  // ISOLATION LEVEL …, READ ONLY: what they ask for holds for each statement anyway.
  while (!reader.isEnd()) reader.skip();
  return { is: 'transaction', tag };
};

export const parseDiscard = (reader: Reader): Statement | null => {
  if (reader.accept('discard')) {
    if (!reader.accept('all')) return reader.unexpected();
    return { is: 'discard', tag: 'DISCARD ALL' };
  }
  if (reader.accept('deallocate')) {
    reader.accept('prepare');
    const name = reader.accept('all') ? null : reader.name();
    return { is: 'deallocate', name };
  }
  // Drivers send these before they hand a connection to another client.
  if (reader.accept('close')) return { is: 'close', name: reader.accept('all') ? null : reader.name() };
  if (reader.accept('unlisten', '*')) return { is: 'discard', tag: 'UNLISTEN' };
  return null;
};

export const parseFetch = (reader: Reader): Statement | null => {
  if (!reader.accept('fetch')) return null;
  reader.accept('forward');
  const { is, value } = reader.token();
  let count: number | null = 1;
  if (is === 'number' && /^\d{1,9}$/.test(value)) {
    count = Number(value);
    reader.skip();
  } else if (reader.accept('all')) count = null;
  else reader.accept('next');
  if (!reader.accept('from')) reader.accept('in');
  return { is: 'fetch', name: reader.name(), count };
};

/** DECLARE name [NO SCROLL] CURSOR [WITH | WITHOUT HOLD] FOR, up to its SELECT. */
export const parseDeclare = (reader: Reader): string | null => {
  if (!reader.accept('declare')) return null;
  const name = reader.name();
  reader.accept('no', 'scroll');
  reader.expect('cursor');
  if (reader.accept('with') || reader.accept('without')) reader.expect('hold');
  reader.expect('for');
  return name;
};

/** One connection, once somebody has signed in with it: the simple and the extended protocol. */

import type { Column, Value } from '../columns.ts';
import { describeStatement } from '../describe.ts';
import { sqlError } from '../errors.ts';
import { execute } from '../execute.ts';
import { onlyStatement, parseStatement, type Source, splitStatements } from '../parse.ts';
import { type Caller, type Session, Settings } from '../session.ts';
import { parametersOf } from '../values.ts';
import {
  BIND_COMPLETE,
  CLOSE_COMPLETE,
  complete,
  EMPTY,
  NO_DATA,
  noticeAnswer,
  PARSE_COMPLETE,
  parameterDescription,
  READY,
  SUSPENDED,
} from './answers.ts';
import { createCursors } from './cursors.ts';
import type { Message, Reader } from './frames.ts';
import { createPortal, orCanceled, type Portal } from './portal.ts';
import { dataRow, formatOf, oidOf, parameterOf, rowDescription } from './types.ts';

export interface ConnectionOptions {
  /** The user for one statement. @throws TOO_MANY if they have sent too many */
  readonly begin: () => Promise<Caller>;
  /** Resolves when the client can take more. */
  readonly send: (bytes: Buffer) => Promise<void> | void;
  readonly sendError: (error: unknown) => Promise<void> | void;
  /** Aborted when the connection is closed. */
  readonly closed: AbortSignal;
  readonly changefeed?: Session['changefeed'];
}

interface Prepared {
  readonly source: Source;
  readonly columns: readonly Column[] | null;
  readonly oids: readonly number[];
}

interface Bound {
  readonly prepared: Prepared;
  readonly values: readonly Value[];
  readonly formats: readonly number[];
  portal: Portal | null;
}

const MOST_PREPARED = 1_000;
const MOST_PARAMETERS = 10_000;
const TEXT: readonly number[] = [];

export const createConnection = ({ begin, send, sendError, closed, changefeed }: ConnectionOptions) => {
  const settings = new Settings();
  const prepared = new Map<string, Prepared>();
  const portals = new Map<string, Bound>();
  const cursors = createCursors();
  let current = new AbortController();
  let isOpen = false;
  /** After an error of the extended protocol, everything up to Sync is ignored. */
  let isFailed = false;

  const deallocate = (name: string | null) => {
    if (name === null) prepared.clear();
    else if (!prepared.delete(name))
      throw sqlError('undefinedStatement', `prepared statement ${JSON.stringify(name)} does not exist`);
  };
  const sessionOf = (caller: Caller, values: readonly unknown[], signal: AbortSignal): Session => {
    caller.operation.signal = signal;
    return {
      caller,
      parameters: parametersOf(values),
      settings,
      notice: (notice) => void send(noticeAnswer(notice)),
      mayWait: true,
      mayWrite: true,
      signal,
      deallocate,
      cursors,
      ...(changefeed === undefined ? {} : { changefeed }),
    };
  };
  /** A signal for what is executed now: a cancel request and the end of the connection abort it. */
  const cancelable = (): AbortSignal => {
    current = new AbortController();
    return AbortSignal.any([current.signal, closed]);
  };
  const noteTransaction = (tag: string) => {
    if (tag === 'BEGIN') isOpen = true;
    if (tag === 'COMMIT' || tag === 'ROLLBACK' || tag === 'DISCARD ALL') {
      isOpen = isOpen && tag === 'DISCARD ALL';
      cursors.close(null);
    }
    if (tag === 'DISCARD ALL') prepared.clear();
  };

  const simple = async (body: Reader) => {
    try {
      const query = body.text();
      // All are parsed before the first is executed: one that cannot be read must not leave half of them done.
      const sources = splitStatements(query);
      for (const source of sources) parseStatement(source);
      if (sources.length === 0) await send(EMPTY);
      for (const source of sources) {
        const signal = cancelable();
        const session = sessionOf(await begin(), [], signal);
        const portal = createPortal(await orCanceled(execute(source, session), signal));
        const { columns } = portal.answer;
        if (columns !== null) await send(rowDescription(columns, TEXT));
        await portal.read(0, signal, (row) => send(dataRow(row, columns ?? [], TEXT)));
        noteTransaction(portal.tag());
        await send(complete(portal.tag()));
      }
    } catch (error) {
      await sendError(error);
    }
    await send(isOpen ? READY.open : READY.idle);
  };

  const parse = async (body: Reader) => {
    const name = body.text();
    const query = body.text();
    const given = listOf(body, () => body.int32(), MOST_PARAMETERS);
    if (name !== '' && prepared.has(name))
      throw sqlError('duplicateStatement', `prepared statement ${JSON.stringify(name)} already exists`);
    if (prepared.size >= MOST_PREPARED)
      throw sqlError('tooMany', `a connection keeps at most ${MOST_PREPARED} prepared statements`);
    const source = onlyStatement(query);
    const { columns, parameters } = await describeStatement(source, sessionOf(await begin(), [], cancelable()));
    const count = Math.max(given.length, ...parameters.keys());
    const oids = Array.from(
      { length: count },
      (_, index) => given[index] || oidOf(parameters.get(index + 1) ?? 'text'),
    );
    prepared.set(name, { source, columns, oids });
    await send(PARSE_COMPLETE);
  };

  const statementNamed = (name: string): Prepared => {
    const found = prepared.get(name);
    if (found !== undefined) return found;
    throw sqlError('undefinedStatement', `prepared statement ${JSON.stringify(name)} does not exist`);
  };
  const portalNamed = (name: string): Bound => {
    const found = portals.get(name);
    if (found !== undefined) return found;
    throw sqlError('undefinedPortal', `portal ${JSON.stringify(name)} does not exist`);
  };
  const closePortal = (name: string) => {
    portals.get(name)?.portal?.close();
    portals.delete(name);
  };

  const bind = async (body: Reader) => {
    const name = body.text();
    const statement = statementNamed(body.text());
    const formats = listOf(body, () => body.int16(), MOST_PARAMETERS);
    let index = 0;
    const values = listOf(
      body,
      () => {
        const length = body.int32();
        const at = index;
        index += 1;
        return length === -1 ? null : parameterOf(body.bytes(length), formatOf(formats, at), statement.oids[at] ?? 0);
      },
      MOST_PARAMETERS,
    );
    const results = listOf(body, () => body.int16(), MOST_PARAMETERS);
    if (values.length !== statement.oids.length) {
      throw sqlError(
        'protocol',
        `bind message supplies ${values.length} parameters, but the statement requires ${statement.oids.length}`,
      );
    }
    for (let at = 0; at < Math.max(1, statement.columns?.length ?? 0); at += 1) formatOf(results, at);
    if (!portals.has(name) && portals.size >= MOST_PREPARED)
      throw sqlError('tooMany', `a connection keeps at most ${MOST_PREPARED} portals`);
    closePortal(name);
    portals.set(name, { prepared: statement, values, formats: results, portal: null });
    await send(BIND_COMPLETE);
  };

  const describe = async (body: Reader) => {
    const what = body.byte();
    const name = body.text();
    if (what !== 'S' && what !== 'P')
      throw sqlError('protocol', `invalid DESCRIBE message subtype ${JSON.stringify(what)}`);
    const bound = what === 'P' ? portalNamed(name) : null;
    const { columns, oids } = bound?.prepared ?? statementNamed(name);
    if (bound === null) await send(parameterDescription(oids));
    await send(columns === null ? NO_DATA : rowDescription(columns, bound?.formats ?? TEXT));
  };

  const executePortal = async (body: Reader) => {
    const bound = portalNamed(body.text());
    const limit = Math.max(0, body.int32());
    const signal = cancelable();
    if (bound.portal === null) {
      const session = sessionOf(await begin(), bound.values, closed.aborted ? closed : signal);
      bound.portal = createPortal(await orCanceled(execute(bound.prepared.source, session), signal));
    }
    const { portal, formats } = bound;
    const columns = portal.answer.columns ?? [];
    const hasMore = await portal.read(limit, signal, (row) => send(dataRow(row, columns, formats)));
    if (hasMore) return send(SUSPENDED);
    noteTransaction(portal.tag());
    return send(complete(portal.tag()));
  };

  const sync = async () => {
    isFailed = false;
    // Portals last as long as a transaction.
    if (!isOpen) for (const name of [...portals.keys()]) closePortal(name);
    await send(isOpen ? READY.open : READY.idle);
  };

  const extended: Readonly<Record<string, (body: Reader) => Promise<void> | void>> = {
    P: parse,
    B: bind,
    D: describe,
    E: executePortal,
    C: async (body) => {
      const what = body.byte();
      const name = body.text();
      if (what === 'S') prepared.delete(name);
      else if (what === 'P') closePortal(name);
      else throw sqlError('protocol', `invalid CLOSE message subtype ${JSON.stringify(what)}`);
      await send(CLOSE_COMPLETE);
    },
    H: () => undefined,
    F: () => {
      throw sqlError('notSupported', 'the function call protocol is not supported');
    },
  };

  return {
    settings,
    /** Cancels what is executed now. */
    cancel: () => current.abort(),
    close: () => {
      current.abort();
      cursors.close(null);
      for (const name of [...portals.keys()]) closePortal(name);
    },
    /** Answers one message. @throws 08P01 for a type that does not exist: the connection cannot go on */
    handle: async ({ type, body }: Message): Promise<void> => {
      if (type === 'Q') {
        isFailed = false;
        return simple(body);
      }
      if (type === 'S') return sync();
      // Rests of a COPY that was refused.
      if (type === 'd' || type === 'c' || type === 'f') return;
      const handler = Object.hasOwn(extended, type) ? extended[type] : undefined;
      if (handler === undefined) throw sqlError('protocol', `invalid frontend message type ${type.charCodeAt(0)}`);
      if (isFailed) return;
      try {
        await handler(body);
      } catch (error) {
        isFailed = true;
        await sendError(error);
      }
    },
  };
};

const listOf = <T>(body: Reader, read: () => T, most: number): readonly T[] => {
  const length = body.int16() & 0xffff;
  if (length > most) throw sqlError('protocol', `a message has ${length} values: at most ${most} are allowed`);
  return Array.from({ length }, read);
};

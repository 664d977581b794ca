import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { message, text } from '../../src/sql/pgwire/frames.ts';
import { startScripted } from '../support/scripted-app.ts';
import { messages, parameters, statements } from './fuzz.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? 1_000);
/** A connection sends up to twenty. */
const CONNECTIONS = Math.ceil(RUNS / 10);
/** 100,000 take most of an hour. */
const LONG = { timeout: Math.max(300_000, RUNS * 60) };

const QUERY = `query ($sql: String!, $parameters: [JSON]) { statement(sql: $sql, parameters: $parameters) { tag } }`;

test('no statement fails in the server, whatever it is, and what is refused changes nothing', LONG, async () => {
  const logLines: string[] = [];
  await using scene = await startScripted({ logLines, settings: { MAX_REQUESTS_PER_SECOND: '1000000' } });
  const id = await scene.start('one');
  await fc.assert(
    fc.asyncProperty(statements, parameters, async (sql, values) => {
      const { data, errors } = await scene.app.send({ query: QUERY, variables: { sql, parameters: values } });
      const codes = (errors ?? []).map(({ extensions }) => extensions.code);
      expect([sql, codes.filter((code) => code === 'INTERNAL_SERVER_ERROR')]).toEqual([sql, []]);
      if (codes.length === 0) expect((data as { statement: unknown }).statement).not.toBeNull();
    }),
    { numRuns: RUNS },
  );
  expect(scene.changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING']);
  expect(logLines.filter((line) => /a request failed/.test(line))).toEqual([]);
});

test('no message fails in the server, and each connection gets an answer or its end', LONG, async () => {
  const logLines: string[] = [];
  await using scene = await startScripted({
    logLines,
    settings: { SQL_PORT: '0', MAX_REQUESTS_PER_SECOND: '1000000' },
  });
  const port = scene.app.sqlPort;
  const startup = Buffer.concat([Buffer.from([0, 0, 0, 19, 0, 3, 0, 0]), text('user'), text('root'), Buffer.from([0])]);
  await fc.assert(
    fc.asyncProperty(fc.array(messages, { minLength: 1, maxLength: 20 }), async (all) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume();
      socket.end(Buffer.concat([startup, ...all, message('X')]));
      await new Promise((resolve) => socket.on('close', resolve));
    }),
    { numRuns: CONNECTIONS },
  );
  expect(logLines.filter((line) => /a statement failed/.test(line))).toEqual([]);
});

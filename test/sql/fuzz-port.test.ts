import { connect } from 'node:net';
import fc from 'fast-check';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { message, text } from '../../src/sql/pgwire/frames.ts';
import { startScripted } from '../support/scripted-app.ts';
import { cancelRequest } from './cancel-request.ts';
import { messages, waits } from './fuzz.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? 1_000);
const LONG = { timeout: Math.max(300_000, RUNS * 60) };
const SETTINGS = { SQL_PORT: '0', MAX_REQUESTS_PER_SECOND: '1000000' };

/** A connection sends up to twenty messages, and several are open at a time. */
const MOST_MESSAGES = 20;
const OPEN = 8;

test('no message fails in the server, and each connection gets an answer or its end', LONG, async () => {
  const logLines: string[] = [];
  await using scene = await startScripted({ logLines, settings: SETTINGS });
  const port = scene.app.sqlPort;
  const startup = Buffer.concat([Buffer.from([0, 0, 0, 19, 0, 3, 0, 0]), text('user'), text('root'), Buffer.from([0])]);
  const send = async (all: readonly Buffer[]) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    socket.end(Buffer.concat([startup, ...all, message('X')]));
    await new Promise((resolve) => socket.on('close', resolve));
  };
  const conversation = fc.array(messages, { minLength: 1, maxLength: MOST_MESSAGES });
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(conversation, { minLength: OPEN, maxLength: OPEN }), async (conversations) => {
      await Promise.all(conversations.map(send));
      sent += conversations.flat().length;
    }),
    { numRuns: Math.ceil((RUNS / OPEN / MOST_MESSAGES) * 2) },
  );
  expect(sent).toBeGreaterThan(RUNS / 2);
  expect(logLines.filter((line) => /a statement failed/.test(line))).toEqual([]);
});

test(
  'a statement that waits ends when it is canceled, at any moment, and its connection and jobs go on',
  LONG,
  async () => {
    const logLines: string[] = [];
    await using scene = await startScripted({ logLines, settings: SETTINGS });
    const { sqlPort: port } = scene.app;
    const id = await scene.start('one');
    const client = new Client({ host: '127.0.0.1', port, user: 'root', database: 'x' });
    await client.connect();
    const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
    await fc.assert(
      fc.asyncProperty(waits(id), fc.nat(3), async ({ sql, values }, turns) => {
        const waiting = client.query(sql, values).then(
          () => 'ended',
          ({ code }: { code: string }) => code,
        );
        for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
        let code: string | null = null;
        void waiting.then((answer) => {
          code = answer;
        });
        // A request that arrives before the statement cancels nothing.
        while (code === null) await cancelRequest(port, processID, secretKey);
        expect([sql, await waiting]).toEqual([sql, '57014']);
        expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: '1' }]);
      }),
      { numRuns: Math.ceil(RUNS / 50) },
    );
    await client.end();
    expect(scene.changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING']);
    expect(logLines.filter((line) => /a statement failed/.test(line))).toEqual([]);
  },
);

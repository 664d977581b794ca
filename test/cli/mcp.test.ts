import { resolve } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { expect, test } from 'vitest';
import { scriptedKind } from '../support/scripted.ts';
import { startWithTokens, tokenFor } from '../support/tokens.ts';

/** An agent with a token. */
const connect = async (url: string, token: string) => {
  const client = new Client({ name: 'agent', version: '1' });
  const command = { command: process.execPath, args: [resolve('dist/signalbox.js'), 'mcp'] };
  await client.connect(
    new StdioClientTransport({ ...command, env: { SIGNALBOX_URL: url, SIGNALBOX_TOKEN: token }, stderr: 'inherit' }),
  );
  const call = async (name: string, args: Record<string, unknown> = {}) => {
    const { content, isError } = await client.callTool({ name, arguments: args });
    const [{ text }] = content as [{ text: string }];
    return isError === true ? { error: text } : JSON.parse(text);
  };
  return { client, call, [Symbol.asyncDispose]: () => client.close() };
};

test('an agent lists and previews; with a token of scope PREVIEW only a person carries its plan out', async () => {
  const { kind } = scriptedKind();
  const scene = await startWithTokens({ kinds: [kind] });
  await using app = scene.app;
  const { id } = await app.create('SCRIPTED', { name: 'one' }, 'root');
  const planner = await tokenFor(app, 'root', { scope: 'PREVIEW' });
  await using agent = await connect(app.url, planner.token);
  const { tools } = await agent.client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(['list_jobs', 'get_job', 'preview_command', 'confirm_plan']);
  expect(await agent.call('list_jobs', { where: { typeName: { equals: 'SCRIPTED' } } })).toMatchObject({
    jobs: [{ id, typeName: 'SCRIPTED' }],
  });
  expect(await agent.call('get_job', { id: '7' })).toEqual({ error: 'job with ID 7 does not exist' });
  expect(await agent.call('preview_command', { command: 'pause' })).toEqual({ error: 'give either ids or where' });
  const { outcome } = await agent.call('preview_command', { command: 'pause', ids: [id], reason: 'too fast' });
  expect(outcome).toMatchObject({ applied: false, dryRun: true, selectedCount: 1, changedCount: 1 });
  const { planId } = outcome;
  expect((await agent.call('confirm_plan', { planId })).error).toMatch(/^FORBIDDEN: /);
  const before = await agent.call('get_job', { id });
  expect(['PENDING', 'RUNNING']).toContain(before.job.status);

  const full = await tokenFor(app, 'root');
  await using person = await connect(app.url, full.token);
  expect(await person.call('confirm_plan', { planId })).toMatchObject({ outcome: { applied: true, changedCount: 1 } });
  const after = await agent.call('get_job', { id });
  expect(['PAUSE_REQUESTED', 'PAUSED']).toContain(after.job.status);
});

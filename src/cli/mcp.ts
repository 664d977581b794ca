/**
 * `signalbox mcp`: a server of the Model Context Protocol on standard input and output, with which agents list jobs, preview
 * commands and control jobs. With a token of scope PREVIEW they only plan: a person confirms the plan.
 */
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { Command } from 'commander';
import { z } from 'zod';
import { VERSION } from '../app/assets.ts';
import { ApiError, type Client, type JobFilter } from '../client/index.ts';
import { messageOf } from '../errors.ts';
import { type ServerOptions, withClient, withServer } from './server-options.ts';

export const addMcp = (program: Command): void => {
  withServer(
    program.command('mcp').description('serve agents over the Model Context Protocol on stdin and stdout'),
  ).action((options: ServerOptions) => withClient(options, serve));
};

const serve = async (client: Client): Promise<void> => {
  // Only this command needs them.
  const [{ McpServer: Server }, { StdioServerTransport }] = await Promise.all([
    import('@modelcontextprotocol/sdk/server/mcp.js'),
    import('@modelcontextprotocol/sdk/server/stdio.js'),
  ]);
  const server = new Server({ name: 'signalbox', version: VERSION });
  addReads(server, client);
  addControl(server, client);
  const transport = new StdioServerTransport();
  const closed = new Promise<void>((resolve) => {
    transport.onclose = resolve;
    process.stdin.once('end', resolve);
  });
  await server.connect(transport);
  await closed;
  await server.close();
};

const MOST_JOBS = 100;

/** The filter and the ids of the API, as an agent writes them. */
const WHERE = z
  .record(z.string(), z.unknown())
  .describe('A JobFilter of the API, such as {"status": {"equals": "RUNNING"}} or {"typeName": {"in": ["IMPORT"]}}.');
const IDS = z.array(z.string()).min(1).max(10_000).describe('The ids of jobs.');

const addReads = (server: McpServer, client: Client): void => {
  server.registerTool(
    'list_jobs',
    {
      description: `Lists jobs, newest first, at most ${MOST_JOBS}.`,
      inputSchema: { where: WHERE.optional(), limit: z.int().min(1).max(MOST_JOBS).default(20) },
      annotations: { readOnlyHint: true },
    },
    ({ where, limit }) =>
      answer(async () => {
        const found = [];
        for await (const job of client.jobs(where as JobFilter | undefined)) {
          found.push(job);
          if (found.length === limit) break;
        }
        return { jobs: found };
      }),
  );
  server.registerTool(
    'get_job',
    {
      description: 'Shows one job: its status, progress, error, and the commands that are possible now.',
      inputSchema: { id: z.string() },
      annotations: { readOnlyHint: true },
    },
    ({ id }) =>
      answer(async () => {
        const job = await client.job(id);
        if (job === null) throw new Error(`job with ID ${id} does not exist`);
        return { job };
      }),
  );
};

const COMMANDS = ['pause', 'resume', 'cancel'] as const;

const SELECTION = {
  command: z.enum(COMMANDS).describe('pause keeps the checkpoint; resume goes on there; cancel undoes the work.'),
  ids: IDS.optional(),
  where: WHERE.optional(),
  reason: z.string().max(1_024).optional().describe('Kept with the events, and with a paused job.'),
};

const addControl = (server: McpServer, client: Client): void => {
  server.registerTool(
    'preview_command',
    {
      description:
        'Shows what a command would change, and changes nothing. Its planId is what confirm_plan, or a person, carries ' +
        'out within an hour, as long as nothing that it selected has changed.',
      inputSchema: SELECTION,
      annotations: { readOnlyHint: true },
    },
    (selection) => answer(() => plan(client, selection)),
  );
  server.registerTool(
    'confirm_plan',
    {
      description: 'Carries out exactly what preview_command showed. FORBIDDEN for a token that may only plan.',
      inputSchema: { planId: z.string(), reason: z.string().max(1_024).optional() },
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
    },
    ({ planId, reason }) =>
      answer(async () => {
        const query = `mutation ($planId: ID!, $reason: String) {
          outcome: confirmPlan(planId: $planId, reason: $reason) { ${OUTCOME} }
        }`;
        return client.request<object>(query, { planId, reason: reason ?? null });
      }),
  );
};

const OUTCOME = `applied dryRun selectedCount changedCount unchangedCount refusedCount
  changed { jobId from to } refusals { jobId code message }`;

interface Selection {
  readonly command: (typeof COMMANDS)[number];
  readonly ids?: readonly string[] | undefined;
  readonly where?: Readonly<Record<string, unknown>> | undefined;
  readonly reason?: string | undefined;
}

const plan = async (client: Client, { command, ids, where, reason }: Selection): Promise<object> => {
  if ((ids === undefined) === (where === undefined)) throw new Error('give either ids or where');
  const query = `mutation ($jobs: JobSelector!, $reason: String) {
    outcome: ${command}Jobs(jobs: $jobs, reason: $reason, dryRun: true) { planId ${OUTCOME} }
  }`;
  const jobs = ids === undefined ? { where } : { ids };
  return client.request<object>(query, { jobs, reason: reason ?? null });
};

/** An error is an answer too, so that the agent can correct itself. */
const answer = async (ask: () => Promise<object>) => {
  try {
    return { content: [{ type: 'text' as const, text: JSON.stringify(await ask()) }] };
  } catch (error) {
    const code = error instanceof ApiError ? `${error.code}: ` : '';
    return { isError: true, content: [{ type: 'text' as const, text: `${code}${messageOf(error)}` }] };
  }
};

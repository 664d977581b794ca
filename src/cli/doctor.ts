/** `signalbox doctor`: checks this machine and the server, a line each. Exit code 1 if something does not work. */
import type { Command } from 'commander';
import { VERSION } from '../app/assets.ts';
import { nativeProblem } from '../app/native.ts';
import type { Client } from '../client/index.ts';
import { messageOf } from '../errors.ts';
import {
  credentialsOf,
  print,
  printJson,
  type ServerOptions,
  searchPath,
  withClient,
  withServer,
} from './server-options.ts';

interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly details: string;
}

interface Options extends ServerOptions {
  readonly json?: boolean;
}

export const addDoctor = (program: Command): void => {
  withServer(program.command('doctor').description('check this machine and the server'))
    .option('--json', 'print each finding as a line of JSON')
    .action((options: Options) => examine(options));
};

const examine = async ({ json, ...server }: Options): Promise<void> => {
  const findings = [
    await attempt('Node', async () => ok(`${process.version} on ${process.platform} ${process.arch}`)),
    await attempt('native packages', async () => {
      const problem = nativeProblem(searchPath());
      return problem === null ? ok('they load') : { state: 'failed', details: problem };
    }),
    ...(await examineServer(server)),
  ];
  for (const finding of findings) {
    if (json) printJson(finding);
    else print(`${finding.state.padEnd(7)}  ${finding.check}: ${finding.details}`);
  }
  if (findings.some(({ state }) => state === 'failed')) process.exitCode = 1;
};

const examineServer = async (server: ServerOptions): Promise<readonly Finding[]> => {
  const base = credentialsOf(server).url.replace(/\/graphql$/, '');
  const health = await attempt('server', async () => {
    const { version } = (await (await fetch(`${base}/health`)).json()) as { readonly version: string };
    if (version === VERSION) return ok(`${base} runs ${version}`);
    return { state: 'warning', details: `${base} runs ${version}, and this command is ${VERSION}` };
  });
  if (health.state === 'failed') return [health];
  const ready = await attempt('ready', async () => {
    const { status } = (await (await fetch(`${base}/ready`)).json()) as { readonly status: string };
    return status === 'ready' ? ok('it accepts jobs') : { state: 'failed', details: status };
  });
  const asking = (check: string, ask: (client: Client) => Promise<Omit<Finding, 'check'>>) =>
    attempt(check, () => withClient(server, ask));
  return [
    health,
    ready,
    await asking('sign-in', async (client) => {
      const query = '{ viewer { name isAdmin scope } }';
      const { viewer } = await client.request<{ readonly viewer: Viewer }>(query);
      return ok(`${viewer.name}${viewer.isAdmin ? ', an admin' : ''}, scope ${viewer.scope}`);
    }),
    await asking('databases', async (client) => {
      const { databases } = await client.request<{ readonly databases: readonly Found[] }>(
        '{ databases { name error } }',
      );
      const broken = databases.filter(({ error }) => error !== null);
      if (broken.length === 0) return ok(`${databases.length} can be read`);
      return { state: 'failed', details: broken.map(({ name, error }) => `${name}: ${error}`).join('; ') };
    }),
    await asking('jobs', async (client) => {
      const waiting = [];
      for await (const job of client.jobs({ status: { equals: 'PENDING' } })) {
        if (job.statusMessage?.startsWith('no server knows')) waiting.push(`${job.id}: ${job.statusMessage}`);
        if (waiting.length === MOST_LISTED) break;
      }
      return waiting.length === 0 ? ok('each has a server or worker that knows its kind') : warning(waiting.join('; '));
    }),
  ];
};

const MOST_LISTED = 10;

interface Viewer {
  readonly name: string;
  readonly isAdmin: boolean;
  readonly scope: string;
}

interface Found {
  readonly name: string;
  readonly error: string | null;
}

const ok = (details: string) => ({ state: 'ok' as const, details });
const warning = (details: string) => ({ state: 'warning' as const, details });

const attempt = async (check: string, run: () => Promise<Omit<Finding, 'check'>>): Promise<Finding> => {
  try {
    return { check, ...(await run()) };
  } catch (error) {
    return { check, state: 'failed', details: messageOf(error) };
  }
};

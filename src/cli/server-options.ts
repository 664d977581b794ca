/** The options of every command that calls a server, and the client made from them. */
import type { Command } from 'commander';
import { WebSocket } from 'ws';
import { type Client, createClient } from '../client/index.ts';
import { visible } from '../terminal.ts';

export interface ServerOptions {
  readonly url: string;
  readonly token?: string;
  readonly user?: string;
}

export const withServer = (command: Command): Command =>
  command
    .option('--url <url>', 'the API of the server (SIGNALBOX_URL)', process.env.SIGNALBOX_URL ?? DEFAULT_URL)
    .option('--token <token>', 'the token of the user (SIGNALBOX_TOKEN, which other users of the machine cannot see)')
    .option('--user <name>', 'with AUTH=insecure, the name of the user (SIGNALBOX_USER)');

const DEFAULT_URL = 'http://127.0.0.1:4000/graphql';

/** Where the server is, and who calls it. Options of the command precede the environment. */
export const credentialsOf = ({ url, token, user }: ServerOptions) => ({
  url,
  token: token ?? process.env.SIGNALBOX_TOKEN,
  user: user ?? process.env.SIGNALBOX_USER,
});

/** Where this machine looks for programs. */
export const searchPath = (): string => process.env.PATH ?? '';

/** Runs with a client, and closes it. */
export const withClient = async <T>(options: ServerOptions, run: (client: Client) => Promise<T>): Promise<T> => {
  const { url, token, user } = credentialsOf(options);
  if (!/^https?:\/\/[^/]/.test(url)) throw new UsageError(`--url ${url}: must be an http or https URL`);
  const client = createClient({
    url,
    webSocket: WebSocket,
    ...(token !== undefined && { token }),
    ...(user !== undefined && { user }),
  });
  try {
    return await run(client);
  } catch (error) {
    throw isUnreachable(error) ? new Error(`no server answers at ${url}: start one with signalbox serve`) : error;
  } finally {
    client.close();
  }
};

const isUnreachable = (error: unknown) => error instanceof TypeError && error.message === 'fetch failed';

/** A wrong option: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const print = (text: string): void => void process.stdout.write(`${text}\n`);
export const printError = (text: string): void => void process.stderr.write(`${visible(text)}\n`);
export const printJson = (value: unknown): void => print(JSON.stringify(value));

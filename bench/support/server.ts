import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly scripts: { readonly start: string };
};

/** A server as users start it, in a process and a data folder of its own. */
export const startServer = async (settings: Readonly<Record<string, string>> = {}) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  const child = spawn('sh', ['-c', scripts.start], {
    env: { ...process.env, PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'error', ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => resolve(line.split(' ').at(-1) ?? ''));
  });
  child.once('exit', (code, signal) => {
    if (!child.killed) console.error(`the server ended by itself: ${code ?? signal}`);
  });
  const send = async <T>(query: string, variables: Record<string, unknown> = {}): Promise<T> => {
    const ask = () =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
    // The server may close an idle connection at the moment at which it is used again.
    const response = await ask().catch((error) => {
      console.error(`${performance.now().toFixed(0)} ms: ${error.cause ?? error}; server ${child.exitCode ?? 'is up'}`);
      return ask();
    });
    const { data, errors } = (await response.json()) as { data: T; errors?: { message: string }[] };
    if (errors?.[0] !== undefined) throw new Error(errors[0].message);
    return data;
  };
  return {
    url,
    dataDir,
    pid: child.pid ?? 0,
    process: child,
    send,
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};
export type BenchServer = Awaited<ReturnType<typeof startServer>>;

/** A row of the table: the measured value, its baseline, and the target. */
export interface Result {
  readonly name: string;
  readonly measured: string;
  readonly against: string;
  readonly ratio: number;
  readonly target: string;
  readonly met: boolean;
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

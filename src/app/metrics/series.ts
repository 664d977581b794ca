/**
 * The metrics of this server. What jobs, statements and requests do is counted here as it happens, by each server for
 * itself; what is in the job store is the same on all servers: see store-gauges.ts.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Traffic } from '../../http/traffic.ts';
import { ENDED } from '../../jobs/status.ts';

/** From a tenth of a second to three hours. */
const RUN_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 10_800];
const OPERATION_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface About {
  readonly version: string;
  readonly slots: number;
  /** The names of the kinds of jobs. */
  readonly kinds: readonly string[];
  readonly traffic: Traffic;
  /** Connections of the SQL port. */
  readonly sqlConnections: () => number;
}

export const createSeries = ({ version, slots, kinds, traffic, sqlConnections }: About) => {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(read());
      },
    });
  new Gauge({
    name: 'signalbox_build_info',
    help: 'Constant 1, with the version of the server and of Node.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version, node: process.version }, 1);
  new Gauge({
    name: 'signalbox_worker_slots',
    help: 'Jobs that this server runs at the same time, not counting continuous ones.',
    registers,
  }).set(slots);
  gauge('signalbox_websockets', 'Open WebSockets.', () => traffic.sockets);
  gauge('signalbox_subscriptions', 'Operations that run on WebSockets; almost all are subscriptions.', () =>
    [...traffic.operations].reduce((sum, { running }) => sum + running, 0),
  );
  gauge('signalbox_http_requests', 'HTTP requests that are being answered, streams included.', () => traffic.requests);
  gauge('signalbox_sql_connections', 'Open connections of the SQL port.', sqlConnections);
  new Counter({
    name: 'signalbox_websocket_messages_total',
    help: 'Messages sent over WebSockets.',
    registers,
    collect() {
      this.reset();
      this.inc(traffic.messages);
    },
  });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter<L>({ name, help, labelNames, registers });
  const ended = counter('signalbox_jobs_ended_total', 'Jobs that ended on this server.', ['kind', 'status']);
  const operationErrors = counter('signalbox_graphql_errors_total', 'Errors in answers, by code.', ['code']);
  // A series that begins with its first event hides that event from `increase`.
  for (const kind of kinds) for (const status of ENDED) ended.inc({ kind, status }, 0);
  operationErrors.inc({ code: 'INTERNAL_SERVER_ERROR' }, 0);
  return {
    registry,
    ended,
    operationErrors,
    created: counter('signalbox_jobs_created_total', 'Jobs created through this server.', ['kind']),
    commands: counter('signalbox_commands_total', 'PAUSE, RESUME and CANCEL, dry runs excluded.', ['command']),
    controlled: counter('signalbox_command_jobs_total', 'Jobs of these commands, by result.', ['command', 'result']),
    claims: counter('signalbox_job_claims_total', 'Jobs claimed by this server and its workers.', ['kind', 'task']),
    retries: counter('signalbox_job_retries_total', 'Claims of jobs after a failed attempt.', ['kind']),
    rows: counter('signalbox_job_rows_total', 'Rows processed by jobs on this server.', ['kind']),
    bytes: counter('signalbox_job_bytes_total', 'Bytes processed by jobs on this server.', ['kind']),
    running: new Gauge({
      name: 'signalbox_running_jobs',
      help: 'Jobs that this server and its workers execute.',
      labelNames: ['kind'] as const,
      registers,
    }),
    runSeconds: new Histogram({
      name: 'signalbox_job_run_seconds',
      help: 'Time from the claim of a job to its report, by kind and report.',
      labelNames: ['kind', 'report'] as const,
      buckets: RUN_SECONDS,
      registers,
    }),
    operationSeconds: new Histogram({
      name: 'signalbox_graphql_operation_seconds',
      help: 'Time to execute a query or mutation, by its first root field.',
      labelNames: ['operation', 'field'] as const,
      buckets: OPERATION_SECONDS,
      registers,
    }),
  };
};

export type Series = ReturnType<typeof createSeries>;

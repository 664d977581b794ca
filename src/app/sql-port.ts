/** The port for SQL statements, if there is one. It is loaded only then. */
import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { startSignIn } from '../engine/sign-in.ts';
import { createContext, type Domain } from '../graphql/context.ts';
import { createChangefeeds } from '../kinds/changefeed/listen.ts';
import type { Port } from '../sql/pgwire/port.ts';
import { identify } from './session.ts';

export const startPort = async (
  { sqlPort, sqlTls, host, auth }: Config,
  domain: Domain,
  signIn: ReturnType<typeof startSignIn>,
  countRequest: (client: string) => Promise<void>,
  log: Logger,
): Promise<Port | null> => {
  if (sqlPort === null) return null;
  const { startSqlPort } = await import('../sql/pgwire/port.ts');
  return startSqlPort({
    host,
    port: sqlPort,
    tls: sqlTls === null ? null : { cert: readFileSync(sqlTls.certFile), key: readFileSync(sqlTls.keyFile) },
    asksToken: auth !== 'insecure',
    signIn: async ({ user, token, address }) => {
      const params = token === null ? { user } : { authorization: `Bearer ${token}` };
      const signedIn = await identify(signIn, { headers: {}, params, address }, log);
      return {
        userName: signedIn.userName,
        caller: () => createContext(domain, signedIn),
        onEnd: (listener) => signIn.onEnd(signedIn, listener),
      };
    },
    countRequest,
    changefeed: (jobId, after, { viewer, access }, signal) =>
      domain.serviceOf(createChangefeeds).listen(jobId, after, { viewer, access }, signal),
    log,
  });
};

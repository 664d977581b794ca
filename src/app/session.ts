/** What a request may reach once somebody has signed in with it. */
import type { Logger } from 'pino';
import type { SignedIn, startSignIn } from '../engine/sign-in.ts';
import type { Uploads } from '../engine/uploads.ts';
import { messageOf } from '../errors.ts';
import { createContext, type Domain } from '../graphql/context.ts';
import type { Credentials, Session } from '../http/credentials.ts';
import { downloadRejects } from '../kinds/import/download.ts';
import type { WorkerApi } from '../worker-api/worker-api.ts';

/** Logs a refused sign-in with the address. */
export const identify = async (signIn: ReturnType<typeof startSignIn>, credentials: Credentials, log: Logger) => {
  try {
    return { ...(await signIn.identify(credentials)), remoteAddress: credentials.address };
  } catch (error) {
    log.info({ address: credentials.address, reason: messageOf(error) }, 'a sign-in was refused');
    throw error;
  }
};

export const sessionOf = (
  domain: Domain,
  uploads: Uploads,
  workers: WorkerApi,
  { onEnd }: ReturnType<typeof startSignIn>,
  signedIn: SignedIn,
): Session => ({
  userName: signedIn.userName,
  context: () => createContext(domain, signedIn),
  uploader: () => {
    const viewer = createContext(domain, signedIn).viewer();
    return {
      check: () => uploads.check(viewer, signedIn),
      begin: (target, size, unfinishedBytes) => uploads.begin(target, size, unfinishedBytes, viewer, signedIn),
      finish: (file, target) => uploads.finish(file, target, viewer, signedIn),
    };
  },
  worker: (name, body, left) => workers.call(name, body, signedIn, left),
  download: (name) => downloadRejects(name, createContext(domain, signedIn)),
  onEnd: (listener) => onEnd(signedIn, listener),
});

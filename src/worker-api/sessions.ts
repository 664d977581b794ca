/**
 * A session of a worker in another program, as its worker has it: a sealed text, so that every server of the store can
 * answer its requests. It is valid only together with the token with which it was started.
 */
import type { Identity } from '../auth/identity.ts';
import type { Box } from '../auth/vault.ts';
import { forbidden, notFound } from '../errors.ts';

export interface WorkerSession {
  readonly id: string;
  /** The types that it may claim. */
  readonly types: readonly string[];
  readonly name: string;
}

type Holder = Pick<Identity, 'userName' | 'tokenId'>;

export const createSessions = (box: Box) => ({
  seal: (session: WorkerSession, { userName, tokenId }: Holder): string =>
    box.seal(JSON.stringify({ ...session, userName, tokenId })),
  /** @throws NOT_FOUND for a text that is no session, FORBIDDEN for the session of another token */
  open: (sealed: string, { userName, tokenId }: Holder): WorkerSession => {
    const content = box.open(sealed);
    if (content === null) throw notFound('the session does not exist: start another');
    const { userName: startedBy, tokenId: startedWith, ...session } = JSON.parse(content.toString('utf8'));
    if (startedBy === userName && startedWith === tokenId) return session;
    throw forbidden('the session was started with another token');
  },
});

export const sessionEnded = () => notFound('the session has ended: its claims are lost; start another');

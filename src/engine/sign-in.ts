/**
 * Determines who sends a request, by the rules of AUTH, and notices when that no longer holds: the token was revoked or
 * has expired, or the user was removed.
 */
import { bearerOf, type Identity, insecureNameOf, type Proof } from '../auth/identity.ts';
import { isSecretOf, partsOf } from '../auth/token.ts';
import { cutText, type SignalboxError, unauthenticated } from '../errors.ts';
import type { Instant } from '../jobs/job.ts';
import { sleep } from '../sleep.ts';
import type { Writes } from '../store/store.ts';
import type { Viewers } from './viewers.ts';

export interface SignInOptions {
  readonly auth: 'insecure' | 'token';
  readonly store: Pick<Writes, 'touchToken'>;
  readonly viewers: Viewers;
  readonly now: () => Instant;
  readonly onError: (error: unknown) => void;
}

export interface SignIn {
  /** @throws UNAUTHENTICATED */
  identify(proof: Proof): Promise<SignedIn>;
  /** Calls the listener once, within a second after the identity has become invalid. Returns a function that stops it. */
  onEnd(signedIn: SignedIn, listener: (reason: SignalboxError) => void): () => void;
  stop(): void;
}

export interface SignedIn extends Identity {
  /** Null as long as the identity is valid. */
  problem(): SignalboxError | null;
}

/** A refused answer is delayed, so that guessing is slow. */
const REFUSAL_MS = 200;
const EXPIRY_CHECK_MS = 250;
/** The time of the last use of a token is written at most this often. */
const TOUCH_MS = 60_000;

export const startSignIn = ({ auth, store, viewers, now, onError }: SignInOptions): SignIn => {
  const touched = new Map<string, Instant>();
  const watched = new Map<
    object,
    { readonly signedIn: SignedIn; readonly listener: (reason: SignalboxError) => void }
  >();

  const isExpired = (expiresAt: Instant | null) => expiresAt !== null && expiresAt <= now();
  const userProblem = (name: string) =>
    viewers.find(name) === undefined ? unauthenticated(`user ${cutText(name, 100)} does not exist`) : null;

  const touch = (id: string, last: Instant | null) => {
    const at = now();
    if (at - (touched.get(id) ?? last ?? Number.NEGATIVE_INFINITY) < TOUCH_MS) return;
    touched.set(id, at);
    store.touchToken(id, at).catch(onError);
  };

  const byName = (proof: Proof): SignedIn => {
    const name = insecureNameOf(proof);
    const problem = () => userProblem(name);
    return valid({ userName: viewers.nameOf(name), scope: 'FULL', tokenId: null, expiresAt: null, problem });
  };

  /** The same answer for an unknown id and a wrong secret. */
  const byToken = (text: string): SignedIn => {
    const parts = partsOf(text);
    const token = parts === null ? undefined : viewers.token(parts.id);
    if (!isSecretOf(parts?.secret ?? '', token) || token === undefined) throw unauthenticated('the token is not valid');
    const { id, userName, scope, expiresAt, hash } = token;
    const problem = () => {
      if (viewers.token(id)?.hash !== hash) return unauthenticated('the token was revoked');
      return isExpired(expiresAt) ? unauthenticated('the token has expired') : userProblem(userName);
    };
    const signedIn = valid({ userName, scope, tokenId: id, expiresAt, problem });
    touch(id, token.lastUsedAt);
    return signedIn;
  };

  /** Tells those whose identity is no longer valid. */
  const check = (isAffected: (signedIn: SignedIn) => boolean) => {
    for (const [key, { signedIn, listener }] of watched) {
      const problem = isAffected(signedIn) ? signedIn.problem() : null;
      if (problem === null) continue;
      watched.delete(key);
      listener(problem);
    }
  };
  const ignoreUsers = viewers.onChange(() => {
    for (const id of touched.keys()) if (viewers.token(id) === undefined) touched.delete(id);
    check(() => true);
  });
  const clock = setInterval(() => check(({ expiresAt }) => isExpired(expiresAt)), EXPIRY_CHECK_MS).unref();

  return {
    identify: async (proof) => {
      if (auth === 'insecure') return byName(proof);
      try {
        return byToken(bearerOf(proof));
      } catch (error) {
        await sleep(REFUSAL_MS);
        throw error;
      }
    },
    onEnd: (signedIn, listener) => {
      const key = {};
      watched.set(key, { signedIn, listener });
      return () => void watched.delete(key);
    },
    stop: () => {
      ignoreUsers();
      clearInterval(clock);
    },
  };
};

const valid = (signedIn: SignedIn): SignedIn => {
  const problem = signedIn.problem();
  if (problem !== null) throw problem;
  return signedIn;
};

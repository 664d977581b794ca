/**
 * Determines who sends a request, by the rules of AUTH, and notices when that no longer holds: the token was revoked or
 * has expired, or the user was removed.
 */
import { bearerOf, type Identity, insecureNameOf, type Proof } from '../auth/identity.ts';
import type { JwtUser, VerifyJwt } from '../auth/jwt.ts';
import { isSecretOf, partsOf } from '../auth/token.ts';
import { foldName } from '../auth/viewer.ts';
import { cutText, type SignalboxError, unauthenticated } from '../errors.ts';
import type { Instant } from '../jobs/job.ts';
import { sleep } from '../sleep.ts';
import type { Writes } from '../store/store.ts';
import type { Viewers } from './viewers.ts';

export interface SignInOptions {
  readonly auth: 'insecure' | 'token' | 'jwt';
  /** For AUTH=jwt, which accepts the tokens of this server too. */
  readonly verifyJwt: VerifyJwt | null;
  readonly store: Pick<Writes, 'touchToken' | 'provideUser'>;
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

export const startSignIn = ({ auth, verifyJwt, store, viewers, now, onError }: SignInOptions): SignIn => {
  const touched = new Map<string, Instant>();
  /** When the JWT was issued from which the rights of each user were taken. */
  const issued = new Map<string, Instant>();
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

  const byName = async (proof: Proof): Promise<SignedIn> => {
    const name = insecureNameOf(proof);
    if (viewers.find(name) === undefined) await viewers.refreshOnce();
    const problem = () => userProblem(name);
    return valid({ userName: viewers.nameOf(name), scope: 'FULL', tokenId: null, expiresAt: null, problem });
  };

  /** The same answer for an unknown id and a wrong secret. */
  const byToken = async (text: string): Promise<SignedIn> => {
    const parts = partsOf(text);
    // Another process may have created it a moment ago.
    if (parts !== null && viewers.token(parts.id) === undefined) await viewers.refreshOnce();
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

  /** A user is created when first seen. The newest JWT determines what the user may do, for all requests. */
  const provide = async ({ name, rights, issuedAt }: JwtUser) => {
    const user = viewers.find(name);
    const isNewer = issuedAt >= (issued.get(foldName(name)) ?? 0);
    if (user !== undefined && (rights === null || !isNewer || isSame(user, rights))) return;
    if (isNewer) issued.set(foldName(name), issuedAt);
    await store.provideUser({ name, ...(isNewer ? rights : null) }, now());
    await viewers.refresh();
  };

  const byJwt = async (text: string, verify: VerifyJwt): Promise<SignedIn> => {
    const user = await verify(text);
    await provide(user);
    const { name, expiresAt } = user;
    const problem = () => (isExpired(expiresAt) ? unauthenticated('the token has expired') : userProblem(name));
    return valid({ userName: viewers.nameOf(name), scope: 'FULL', tokenId: null, expiresAt, problem });
  };

  /** Notifies the sessions whose identity is no longer valid. */
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
      if (auth === 'insecure') return await byName(proof);
      try {
        const bearer = bearerOf(proof);
        return verifyJwt === null || partsOf(bearer) !== null ? await byToken(bearer) : await byJwt(bearer, verifyJwt);
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

const isSame = (user: Rights, { isAdmin, privileges }: Rights) =>
  user.isAdmin === isAdmin &&
  user.privileges.length === privileges.length &&
  privileges.every((privilege) => user.privileges.includes(privilege));
type Rights = NonNullable<JwtUser['rights']>;

const valid = (signedIn: SignedIn): SignedIn => {
  const problem = signedIn.problem();
  if (problem !== null) throw problem;
  return signedIn;
};

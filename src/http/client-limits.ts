/**
 * Limits on what one client may do at the same time, or in a second. They count by address before anything is known of
 * a client, and by user once somebody has signed in.
 */
import type { IncomingMessage } from 'node:http';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { tooMany } from '../errors.ts';

export interface ClientLimits {
  /** Requests, and operations of sockets: on average, by address and by user. */
  readonly requestsPerSecond: number;
  /** Open sockets and event streams, by address and by user. */
  readonly sockets: number;
  /** Operations that one socket has running. */
  readonly operations: number;
}

export const NO_LIMITS: ClientLimits = { requestsPerSecond: 1e9, sockets: 1e9, operations: 1e9 };

/** A client may use up the requests of this time at once. */
const BURST_SECONDS = 10;
/** An operation that is refused before it is executed counts as so many: parsing and checking it is most of the work. */
const REFUSED_POINTS = 20;
/** A burst of refused operations would delay the operations of all others. This is a part of `requestsPerSecond`. */
const REFUSED_SHARE = 1 / 50;
const FEWEST_REFUSED_PER_SECOND = 10;
/** When an open connection closes is not known. */
const RETRY_CONNECTION_MS = 5_000;

export const createClientLimits = (
  { requestsPerSecond, sockets, operations }: ClientLimits,
  addressOf: (request: IncomingMessage) => string,
) => {
  const points = requestsPerSecond * BURST_SECONDS;
  const requests = new RateLimiterMemory({ points, duration: BURST_SECONDS });
  const refusedPerSecond = Math.max(FEWEST_REFUSED_PER_SECOND, Math.ceil(requestsPerSecond * REFUSED_SHARE));
  const refused = new RateLimiterMemory({ points: refusedPerSecond, duration: 1 });
  const open = new Map<string, number>();
  return {
    /** The client that a request counts for before a user has signed in. */
    addressOf: (request: IncomingMessage) => `address ${addressOf(request)}`,
    /** @throws TOO_MANY if the client, such as `user ada`, has sent too many requests */
    countRequest: async (client: string): Promise<void> => {
      const { remainingPoints = 1, msBeforeNext = 0 } = (await refused.get(client)) ?? {};
      if (remainingPoints <= 0) {
        throw tooMany(`${client} sent ${refusedPerSecond} operations in a second that were refused`, msBeforeNext);
      }
      try {
        await requests.consume(client);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        throw tooMany(
          `${client} sent more than ${points} requests in ${BURST_SECONDS} seconds (MAX_REQUESTS_PER_SECOND)`,
          error.msBeforeNext,
        );
      }
    },
    /** Counts an operation of a client that was refused before it was executed. */
    countRefused: async (client: string): Promise<void> => {
      await refused.penalty(client, 1);
      await requests.penalty(client, REFUSED_POINTS - 1);
    },
    /**
     * Counts a socket or stream as open. Returns a function that counts it as closed.
     * @throws TOO_MANY if the client has too many open
     */
    openSocket: (client: string): (() => void) => {
      const count = open.get(client) ?? 0;
      if (count >= sockets) {
        throw tooMany(`${client} has ${sockets} open sockets and streams (MAX_SOCKETS)`, RETRY_CONNECTION_MS);
      }
      open.set(client, count + 1);
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        const left = (open.get(client) ?? 1) - 1;
        if (left === 0) open.delete(client);
        else open.set(client, left);
      };
    },
    /** @throws TOO_MANY if a socket has too many operations running */
    checkOperations: (running: number): void => {
      if (running > operations) {
        throw tooMany(`the socket has ${operations} operations running (MAX_SUBSCRIPTIONS)`, RETRY_CONNECTION_MS);
      }
    },
  };
};

export type Clients = ReturnType<typeof createClientLimits>;

/** Counts one socket for several clients, or for none of them. */
export const openSockets = (clients: Clients, names: readonly string[]): (() => void) => {
  const opened: (() => void)[] = [];
  const close = () => {
    for (const one of opened) one();
  };
  try {
    for (const name of names) opened.push(clients.openSocket(name));
  } catch (error) {
    close();
    throw error;
  }
  return close;
};

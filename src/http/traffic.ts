/** What clients have open and what has been sent to them, for metrics. Plain numbers: counting costs nothing. */
export interface Traffic {
  /** Sockets that are open. */
  sockets: number;
  /** Requests that are being answered over HTTP, streams included. */
  requests: number;
  /** Messages sent over sockets since the start. */
  messages: number;
  /** The operations that run on each open socket. */
  readonly operations: Set<{ readonly running: number }>;
}

export const createTraffic = (): Traffic => ({ sockets: 0, requests: 0, messages: 0, operations: new Set() });

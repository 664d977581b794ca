/** A client that sends its request slowly does not occupy a connection for longer than this. */
import type { IncomingMessage } from 'node:http';

const LIMIT_MS = 60_000;

/** The whole request has to arrive in time. */
export const limitTime = (request: IncomingMessage, limitMs = LIMIT_MS): void => {
  if (!hasBody(request)) return;
  const timer = setTimeout(() => {
    if (!request.complete) request.socket.destroy();
  }, limitMs).unref();
  request.once('close', () => clearTimeout(timer));
  request.once('end', () => clearTimeout(timer));
};

/** An upload may take as long as it likes while its bytes arrive. */
export const limitIdleTime = (request: IncomingMessage, limitMs = LIMIT_MS): void => {
  request.setTimeout(limitMs, () => request.socket.destroy());
  // Making a large file durable takes its time.
  request.once('end', () => request.socket.setTimeout(0));
};

const hasBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

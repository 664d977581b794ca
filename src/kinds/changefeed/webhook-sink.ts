/**
 * Sends messages by POST, signed according to the Standard Webhooks scheme. A 2xx status accepts a batch. A batch that
 * is not accepted is sent again with the same webhook-id and body: a few times immediately, then after the engine's
 * retry delays. A Retry-After from the receiver is respected, with 429 and 503 alike.
 */
import { Webhook as Signer } from 'standardwebhooks';
import { messageOf } from '../../errors.ts';
import { Transient } from '../../jobs/kind.ts';
import type { Answer, Webhook } from '../../net/webhook.ts';
import { sleep } from '../../sleep.ts';
import { StorageError } from '../../storage/url.ts';
import type { Sink } from './sink.ts';

const BOUNDS = { rows: 500, bytes: 1024 * 1024 };
/** The delays before immediate retries, in milliseconds. */
const RETRY_MS = [100, 1_000];
const LONGEST_WAIT_MS = 24 * 60 * 60 * 1_000;

export const webhookSink = (webhook: Webhook, jobId: string, secret: string): Sink => {
  const signer = new Signer(secret);
  const send = (id: string, body: string, signal: AbortSignal) => {
    // The time of the attempt, as the scheme requires: an old time could indicate a replay.
    const at = new Date();
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': signer.sign(id, at, body),
    };
    return webhook.post(Buffer.from(body), headers, signal);
  };
  return {
    bounds: BOUNDS,
    lingerMs: 0,
    delivered: async () => null,
    deliver: async function* ({ first, last, texts }, signal) {
      const id = `${jobId}-${first}-${last}`;
      const body = `{"payload":[${texts.join(',')}],"length":${texts.length}}`;
      for (let retries = 0; ; ) {
        const rejection = await send(id, body, signal).then(
          (answer) => rejectionOf(webhook.url, answer),
          (error) => ({ error, waitMs: null }),
        );
        if (rejection === null) return;
        const { error, waitMs } = rejection;
        if (!(error instanceof Transient)) throw error;
        if (waitMs !== null) {
          yield `waiting ${Math.ceil(waitMs / 1_000)} s, as requested: ${messageOf(error)}`;
          await sleep(waitMs, signal);
          continue;
        }
        const delayMs = RETRY_MS[retries];
        if (delayMs === undefined) throw error;
        retries += 1;
        await sleep(delayMs, signal);
      }
    },
    close: webhook.close,
  };
};

/** Null if the batch was accepted. */
const rejectionOf = (url: string, { status, retryAfterMs }: Answer) => {
  if (status >= 200 && status < 300) return null;
  const message = `${url} answered ${status}`;
  if (status !== 408 && status !== 429 && status < 500) {
    return { error: new StorageError(`${message}: it does not accept these messages`), waitMs: null };
  }
  const requestedMs = status === 429 || status === 503 ? retryAfterMs : null;
  return {
    error: new Transient(message),
    waitMs: requestedMs === null ? null : Math.min(requestedMs, LONGEST_WAIT_MS),
  };
};

/** A receiver of webhooks for one test. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { serve } from './web.ts';

export interface Delivery {
  readonly id: string;
  readonly body: string;
  readonly payload: readonly { readonly [field: string]: unknown }[];
}

/** What it answers to the nth request, from 0; left out: 200. */
type Answer = (n: number, request: IncomingMessage, response: ServerResponse) => boolean;

/** Checks each message against the secret, once it is known. */
export const receive = async (answer: Answer = () => false) => {
  const tried: Delivery[] = [];
  const taken: Delivery[] = [];
  const forged: string[] = [];
  let secret: string | null = null;
  const web = await serve((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      const { payload, length } = JSON.parse(body) as Delivery & { readonly length: number };
      const delivery = { id: String(request.headers['webhook-id']), body, payload };
      if (length !== payload.length) forged.push(`${delivery.id}: ${length} and not ${payload.length}`);
      try {
        if (secret !== null) new Webhook(secret).verify(body, request.headers as Record<string, string>);
      } catch (error) {
        forged.push(`${delivery.id}: ${error}`);
      }
      const n = tried.push(delivery) - 1;
      if (answer(n, request, response)) return;
      taken.push(delivery);
      response.writeHead(200).end('{}');
    });
  });
  return {
    url: `webhook-${web.url}/hook`,
    host: web.host,
    /** All that came, and what of it was answered with 200. */
    tried,
    taken,
    /** What is wrong with signatures and lengths. */
    forged,
    messages: () => taken.flatMap(({ payload }) => payload),
    trust: (whsec: string | undefined) => {
      secret = whsec ?? null;
    },
    [Symbol.asyncDispose]: web[Symbol.asyncDispose],
  };
};

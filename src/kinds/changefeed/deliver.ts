/** Opens the sink that a feed was created with, and delivers messages to it. */
import type { Io } from '../../jobs/kind.ts';
import { isWebhook, openWebhook } from '../../net/webhook.ts';
import { openFolder } from '../../storage/open.ts';
import { type FeedWork, phaseOf, SECRET, type Steps, stepOf } from './details.ts';
import { filesSink } from './files-sink.ts';
import { type FeedMessage, textOf } from './message.ts';
import type { FeedSource } from './port.ts';
import type { Sink } from './sink.ts';
import { webhookSink } from './webhook-sink.ts';

/** Null for a feed that a subscription reads. */
export const openSink = (work: FeedWork, { environment }: Pick<Io, 'environment'>): Sink | null => {
  const url = work.secrets?.[SECRET.url] ?? work.details.sink;
  const { jobId } = work.claim;
  if (url === null) return null;
  if (!isWebhook(url)) return filesSink(openFolder(url, environment), jobId);
  return webhookSink(openWebhook(url, environment.allowPrivateHosts), jobId, work.secrets?.[SECRET.signing] ?? '');
};

/** Delivers a batch, then removes it from the log. After a crash in between, it is delivered again. */
export async function* deliver(
  { work, io }: { readonly work: FeedWork; readonly io: Io },
  source: FeedSource,
  sink: Sink,
  messages: readonly FeedMessage[],
): Steps {
  const { details } = work;
  const [first] = messages;
  const last = messages.at(-1);
  if (first === undefined || last === undefined) return;
  const texts = messages.map((message) => textOf(message, details));
  source.recordSent(last.seq);
  for await (const reason of sink.deliver({ first: first.seq, last: last.seq, texts }, io.signal)) {
    yield stepOf(details, source.checkpoint, reason);
  }
  yield* source.acknowledge(last.seq);
  yield stepOf(details, source.checkpoint, phaseOf(source.checkpoint));
}

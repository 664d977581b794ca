/** Where messages go. */
import type { Io, Work } from '../../jobs/kind.ts';
import { openFolder } from '../../storage/storage.ts';
import { isWebhook, openWebhook } from '../../storage/webhook.ts';
import type { Checkpoint, Details } from './details.ts';
import type { Bounds } from './entries.ts';
import { filesSink } from './files.ts';
import { webhookSink } from './webhook.ts';

/** Messages that go together, in order. */
export interface Batch {
  /** The places in the log of the first and the last of them. */
  readonly first: number;
  readonly last: number;
  /** JSON. */
  readonly texts: readonly string[];
}

export interface Sink {
  readonly bounds: Bounds;
  /** How long a batch that is not full waits for more. */
  readonly lingerMs: number;
  /** How far the batch that begins behind a place went, when it was delivered already and that was never noted. */
  delivered(after: number, signal: AbortSignal): Promise<number | null>;
  /** Ends once the whole batch is safe there; says why it waits. @throws Transient when it is worth another attempt */
  deliver(batch: Batch, signal: AbortSignal): AsyncGenerator<string, void, void>;
  close(): void;
}

/** Null for a feed that the subscription reads. */
export const openSink = (work: Work<Details, Checkpoint | null>, { places }: Pick<Io, 'places'>): Sink | null => {
  const url = urlOf(work);
  const { jobId } = work.claim;
  if (url === null) return null;
  if (!isWebhook(url)) return filesSink(openFolder(url, places), jobId);
  return webhookSink(openWebhook(url, places.allowPrivateHosts), jobId, work.secrets?.[SECRET] ?? '');
};

/** The names of what is kept apart: the URL where it has secrets, and what messages are signed with. */
export const SINK_URL = 'sink';
export const SECRET = 'webhook';

const urlOf = ({ details, secrets }: Work<Details, Checkpoint | null>) => secrets?.[SINK_URL] ?? details.sink;

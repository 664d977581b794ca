/** Opens the sink that a feed was created with. */
import type { Io, Work } from '../../jobs/kind.ts';
import { isWebhook, openWebhook } from '../../net/webhook.ts';
import { openFolder } from '../../storage/open.ts';
import type { Checkpoint, Details } from './details.ts';
import { filesSink } from './files.ts';
import type { Sink } from './sink.ts';
import { webhookSink } from './webhook.ts';

/** Null for a feed that a subscription reads. */
export const openSink = (
  work: Work<Details, Checkpoint | null>,
  { environment }: Pick<Io, 'environment'>,
): Sink | null => {
  const url = urlOf(work);
  const { jobId } = work.claim;
  if (url === null) return null;
  if (!isWebhook(url)) return filesSink(openFolder(url, environment), jobId);
  return webhookSink(openWebhook(url, environment.allowPrivateHosts), jobId, work.secrets?.[SECRET] ?? '');
};

/** The names of the secrets that are stored separately: the URL if it contains secrets, and the signing secret. */
export const SINK_URL = 'sink';
export const SECRET = 'webhook';

const urlOf = ({ details, secrets }: Work<Details, Checkpoint | null>) => secrets?.[SINK_URL] ?? details.sink;

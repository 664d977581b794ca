/**
 * A bucket on an operator of OpenDAL. Reads and single-request writes are signed by OpenDAL and sent by our own HTTP
 * client, which reads from any offset and stops immediately. OpenDAL itself performs multipart uploads, lists and
 * removals, with an operator that is confined to its endpoint.
 */
import type { Operator, Writer } from 'opendal';
import { Transient } from '../../jobs/kind.ts';
import { StorageError } from '../url.ts';
import { BINARY, type Bucket, NOTHING, PART_BYTES, statOf, type Upload } from './cloud.ts';
import { type Confined, confined } from './confined.ts';
import { type About, CloudError, failureOf, refusalOfOperator } from './errors.ts';
import { loadOpenDal } from './opendal.ts';
import { type OperatorPlace, operatorCalls, retrying } from './operator-calls.ts';
import { type CloudRequest, cloudClient } from './request.ts';

export interface BucketPlace extends OperatorPlace {
  readonly scheme: 's3' | 'azure' | 'gs';
  readonly bucket: string;
  readonly service: 's3' | 'azblob' | 'gcs';
  /** All options of the service, so that it takes none from elsewhere. */
  readonly options: Readonly<Record<string, string>>;
  /** A name in the form that signing requires. */
  readonly toSign?: (key: string) => string;
  /** Further hosts that the service needs. */
  readonly alsoHosts?: readonly string[];
  readonly headersToRead?: Readonly<Record<string, string>>;
}

/** How long a stop waits for an upload, so that a file that is being completed exists before anyone checks for it. */
const GRACE_MS = 500;
const SIGNED_S = 900;

/** @param shown the URL in the form that may be displayed */
export const operatorBucket = (redacted: string, place: BucketPlace): Bucket => {
  const { scheme, bucket, limits, toSign = (key) => key, headersToRead = {} } = place;
  // It signs requests and sends none.
  const operator = operatorOf(redacted, place);
  const { ask, open } = cloudClient(place);
  const call = operatorCalls(place, confinedOperator(redacted, place));
  const shownOf = (key: string) => `${scheme}://${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;

  const signed = (how: 'presignRead' | 'presignStat' | 'presignWrite', key: string): CloudRequest => {
    const about: About = { about: shownOf(key), done: how === 'presignWrite' ? 'written' : 'read' };
    return {
      ...about,
      sign: async () => {
        try {
          return await operator[how](toSign(key), SIGNED_S);
        } catch (error) {
          throw failureOf(refusalOfOperator(error), about, place.wordsOf);
        }
      },
    };
  };
  const stat: Bucket['stat'] = async (key, signal) => {
    checkName(shownOf(key), key);
    let seen = await orRefused(ask({ ...signed('presignStat', key), headers: headersToRead }, signal));
    // Not every store reports the error in response to HEAD.
    if (seen instanceof CloudError && seen.refusal.code === '') {
      const headers = { ...headersToRead, range: 'bytes=0-0' };
      seen = await orRefused(ask({ ...signed('presignRead', key), headers }, signal));
    }
    if (!(seen instanceof CloudError)) return statOf(seen);
    if (seen.isNoFile) return null;
    throw seen;
  };

  const list = async (prefix: string, recursive: boolean, signal: AbortSignal) => {
    const about = { about: shownOf(prefix), done: 'listed' as const, withinMs: limits.listMs };
    // OpenDAL trims the end of a prefix, which only makes the list longer: the caller filters it.
    checkName(about.about, `${prefix.trimEnd()}x`);
    const entries = await call(about, signal, (sender) => sender.list(prefix, { recursive }));
    return entries.map((entry) => entry.path());
  };

  return {
    redacted: shownOf,
    stat,
    open: async (key, fromByte, signal) => {
      checkName(shownOf(key), key);
      const headers = { ...headersToRead, ...(fromByte > 0 && { range: `bytes=${fromByte}-` }) };
      const opened = await orRefused(open({ ...signed('presignRead', key), headers }, signal));
      if (!(opened instanceof CloudError)) return { ...opened, stat: statOf(opened.response.headers) };
      if (opened.refusal.status === 416) return NOTHING;
      throw opened;
    },
    put: async (key, body, signal) => {
      checkName(shownOf(key), key);
      await ask({ ...signed('presignWrite', key), headers: BINARY, body }, signal);
    },
    startUpload: async (key, signal) => {
      checkName(shownOf(key), key);
      const before = await stat(key, signal);
      const about = { about: shownOf(key), done: 'written' as const, withinMs: limits.callMs, graceMs: GRACE_MS };
      const options = { chunk: BigInt(PART_BYTES), contentType: BINARY['content-type'] };
      const writer = await call(about, signal, (sender) => sender.writer(key, options));
      const tried = async <T>(until: AbortSignal, begin: () => Promise<T>): Promise<T> => {
        try {
          return await call(about, until, begin);
        } catch (error) {
          // A store that refuses may close the connection before the response arrives; this request finds out whether
          // the refusal is permanent.
          if (error instanceof Transient && !until.aborted) await stat(key, until);
          throw error;
        }
      };
      const isThere = async (size: number, until: AbortSignal) => {
        const now = await stat(key, until);
        return now?.size === size && now.version !== before?.version;
      };
      return uploadOf(about.about, writer, tried, isThere);
    },
    list: (prefix, signal) => list(prefix, true, signal),
    listLevel: (prefix, signal) => list(prefix, false, signal),
    remove: async (key, signal) => {
      checkName(shownOf(key), key);
      const about = { about: shownOf(key), done: 'removed' as const, withinMs: limits.callMs };
      await call(about, signal, (sender) => sender.delete(key));
    },
  };
};

const operatorOf = (redacted: string, { service, options, limits }: BucketPlace): Operator => {
  const opendal = loadOpenDal(redacted);
  try {
    return new opendal.Operator(service, { ...options, root: '/' }).layer(retrying(opendal, limits));
  } catch {
    // Its message quotes the input.
    throw new StorageError(`${redacted} cannot be used: its keys or its place are not as they should be`);
  }
};

/** Opened at the first request. */
const confinedOperator = (redacted: string, place: BucketPlace) => {
  let opened: Promise<Confined> | undefined;
  return () => {
    const { endpoint, allowed, alsoHosts = [] } = place;
    const create = () => operatorOf(redacted, place);
    opened ??= confined(loadOpenDal(redacted), { endpoint, allowed, alsoHosts }, create);
    return opened;
  };
};

/** OpenDAL removes leading and trailing spaces and empty segments, and would address a different file. */
const checkName = (redacted: string, key: string) => {
  const isTaken = key.trim() !== key || /^[/\x85]|\/\/|\x85$/.test(key);
  if (isTaken) throw new StorageError(`${redacted} has a name with a space at an end, or with an empty part`);
};

const orRefused = <T>(request: Promise<T>): Promise<T | CloudError> =>
  request.catch((error: unknown) => {
    if (error instanceof CloudError) return error;
    throw error;
  });

/** @param isThere whether the file exists now, with this size */
const uploadOf = (
  redacted: string,
  writer: Writer,
  call: <T>(signal: AbortSignal, begin: () => Promise<T>) => Promise<T>,
  isThere: (size: number, signal: AbortSignal) => Promise<boolean>,
): Upload => {
  let size = 0;
  const part = async (content: Buffer, signal: AbortSignal) => {
    size += content.length;
    await call(signal, () => writer.write(content));
  };
  return {
    part,
    finish: async (last, signal) => {
      await part(last, signal);
      try {
        await call(signal, () => writer.close());
      } catch (error) {
        // The response to the completion may have been lost: then the upload is unknown when it is completed again.
        if (!(error instanceof CloudError && error.isNoFile)) throw error;
        if (!(await isThere(size, signal)))
          throw new Transient(`${redacted} cannot be written now: its upload is gone`);
      }
    },
  };
};

/**
 * Reads XML as a stream. A document type cannot define entities, and the text between two tags, the depth and the
 * attributes of an element are bounded, so that a small file cannot fill the memory.
 */
import { SaxesParser } from 'saxes';

export interface XmlHandlers {
  /** Names have no prefix. */
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  close(name: string): void;
  text(text: string): void;
}

export class XmlError extends Error {
  override readonly name = 'XmlError';
}

const MAX_PIECE_BYTES = 16 * 1024 * 1024;
const MAX_DEPTH = 100;

/** @throws XmlError for a text that is not well-formed, or too large between two tags */
export async function* parseXml<T>(
  chunks: AsyncIterable<Uint8Array>,
  handlers: XmlHandlers,
  /** What the handlers have found in a chunk. */
  found: () => T,
): AsyncGenerator<T, void, void> {
  const parser = new SaxesParser({ xmlns: false, position: false });
  let sinceTag = 0;
  let depth = 0;
  parser.on('error', (error) => {
    throw new XmlError(error.message);
  });
  parser.on('opentag', ({ name, attributes }) => {
    sinceTag = 0;
    depth += 1;
    if (depth > MAX_DEPTH) throw new XmlError(`elements are nested more than ${MAX_DEPTH} deep`);
    handlers.open(localName(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    sinceTag = 0;
    depth -= 1;
    handlers.close(localName(name));
  });
  parser.on('text', (text) => handlers.text(text));
  parser.on('cdata', (text) => handlers.text(text));
  let decoder: TextDecoder | undefined;
  for await (const chunk of chunks) {
    decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
    sinceTag += chunk.length;
    parser.write(decoded(decoder, chunk));
    if (sinceTag > MAX_PIECE_BYTES) throw new XmlError('a text is longer than 16 MiB');
    yield found();
  }
  parser.write(decoded(decoder ?? new TextDecoder(), new Uint8Array(), true));
  parser.close();
  yield found();
}

const localName = (name: string): string => {
  const colon = name.indexOf(':');
  return colon === -1 ? name : name.slice(colon + 1);
};

const encodingOf = ([first, second]: Uint8Array): string => {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
};

const decoded = (decoder: TextDecoder, chunk: Uint8Array, isEnd = false): string => {
  try {
    return decoder.decode(chunk, { stream: !isEnd });
  } catch {
    throw new XmlError('a part is not valid UTF-8');
  }
};

/** The value of an attribute, whatever its prefix. */
export const attributeOf = (attributes: Readonly<Record<string, string>>, name: string): string | undefined =>
  attributes[name] ?? Object.entries(attributes).find(([key]) => localName(key) === name)?.[1];

/** What a client sends first, and from where. */
import { sqlError } from '../errors.ts';
import type { Reader } from './frames.ts';

/** @throws 08P01 for a list that does not end */
export const readParameters = (body: Reader): Readonly<Record<string, string>> => {
  const parameters: Record<string, string> = Object.create(null);
  for (let count = 0; !body.isEnd && count < 100; count += 1) {
    const name = body.text();
    if (name === '') return parameters;
    parameters[name] = body.text();
  }
  throw sqlError('protocol', 'invalid startup packet layout: expected terminator as last byte');
};

export const isLoopback = (address: string): boolean => /^(127\.|::1$|::ffff:127\.)/.test(address);

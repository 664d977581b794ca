/** Options: WITH name, name = value, … with or without parentheses. An option that is not known is an error. */
import type { Literal, Reader } from './reader.ts';

export type OptionValue = Literal | { readonly is: 'word'; readonly value: string; readonly at: number };
export interface Option {
  readonly name: string;
  readonly at: number;
  /** Null: the option stands alone. */
  readonly value: OptionValue | null;
}

const readOption = (reader: Reader): Option => {
  const at = reader.position();
  const name = reader.token().is === 'text' ? reader.token().value : reader.name();
  if (reader.token().is === 'text') reader.skip();
  if (!reader.accept('=')) return { name: name.toLowerCase(), at, value: null };
  const valueAt = reader.position();
  const literal = reader.optionalLiteral();
  return { name: name.toLowerCase(), at, value: literal ?? { is: 'word', value: reader.name(), at: valueAt } };
};

/** The options of a statement, by their names. @throws 42601 for one that is given twice */
export const parseOptions = (reader: Reader): readonly Option[] => {
  if (!reader.accept('with')) return [];
  reader.accept('options');
  return parseOptionList(reader);
};

/** What follows WITH. */
export const parseOptionList = (reader: Reader): readonly Option[] => {
  const isEnclosed = reader.accept('(');
  const options = reader.listOf(() => readOption(reader));
  if (isEnclosed) reader.expect(')');
  options.forEach(({ name, at }, index) => {
    if (options.findIndex((other) => other.name === name) !== index) reader.fail(`option ${name} is given twice`, at);
  });
  return options;
};

export type OptionTable = Readonly<
  Record<string, (option: Option, reader: Reader) => Readonly<Record<string, unknown>>>
>;

/** The parts of an input that options stand for. @throws 0A000 for an option that does not exist here */
export const inputOf = (options: readonly Option[], known: OptionTable, statement: string, reader: Reader) => {
  const input: Record<string, unknown> = {};
  for (const option of options) {
    const read = Object.hasOwn(known, option.name) ? known[option.name] : undefined;
    if (read === undefined) {
      const names = Object.keys(known).join(', ');
      reader.fail(
        `${statement} has no option ${JSON.stringify(option.name)}: it has ${names}`,
        option.at,
        'notSupported',
      );
      continue;
    }
    for (const [name, value] of Object.entries(read(option, reader))) {
      const inside = input[name];
      input[name] = isObject(inside) && isObject(value) ? { ...inside, ...value } : value;
    }
  }
  return input;
};

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('is' in value);

/** The value of an option that needs one. */
export const givenValue = ({ name, at, value }: Option, reader: Reader): OptionValue =>
  value ?? reader.fail(`option ${name} needs a value`, at);

/** A whole number, or the default for an option that stands alone. */
export const wholeValue = (option: Option, reader: Reader): number => {
  const value = givenValue(option, reader);
  const text = value.is === 'parameter' ? '' : value.value;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  return reader.fail(`option ${option.name} must be a whole number`, value.at, 'invalidValue');
};

/** An option that is on when it stands alone. */
export const flagValue = ({ name, value }: Option, reader: Reader): boolean => {
  if (value === null) return true;
  const text = value.is === 'parameter' ? '' : value.value.toLowerCase();
  if (/^(true|on|yes|1)$/.test(text)) return true;
  if (/^(false|off|no|0)$/.test(text)) return false;
  return reader.fail(`option ${name} must be true or false`, value.at, 'invalidValue');
};

/** One of some words. */
export const oneOf = (option: Option, words: Readonly<Record<string, unknown>>, reader: Reader): unknown => {
  const value = givenValue(option, reader);
  const text = value.is === 'parameter' ? '' : value.value.toLowerCase();
  if (Object.hasOwn(words, text)) return words[text];
  return reader.fail(`option ${option.name} must be one of ${Object.keys(words).join(', ')}`, value.at, 'invalidValue');
};

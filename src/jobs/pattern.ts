/** Patterns of LIKE: `%` stands for any text, `_` for one character, and a backslash makes the next one literal. */

const LONGEST_PATTERN = 1_000;

/** A piece of a pattern: a literal character, or a wildcard. */
export type Piece = { readonly is: 'any' | 'one' } | { readonly is: 'literal'; readonly character: string };

/** Why a pattern cannot be used; null if it can. */
export const patternProblem = (pattern: string): string | null => {
  if (pattern.length > LONGEST_PATTERN) {
    return `has ${pattern.length} characters: at most ${LONGEST_PATTERN} are allowed in a pattern`;
  }
  if (pattern.includes('\0')) return 'contains a NUL character';
  return /(^|[^\\])(\\\\)*\\$/.test(pattern) ? 'ends with a backslash, which makes the next character literal' : null;
};

export const piecesOf = (pattern: string): readonly Piece[] => {
  const pieces: Piece[] = [];
  let isLiteral = false;
  for (const character of pattern) {
    if (isLiteral || (character !== '%' && character !== '_' && character !== '\\')) {
      pieces.push({ is: 'literal', character });
      isLiteral = false;
    } else if (character === '\\') isLiteral = true;
    else if (character === '_') pieces.push({ is: 'one' });
    // Two in a row mean the same as one.
    else if (pieces.at(-1)?.is !== 'any') pieces.push({ is: 'any' });
  }
  return pieces;
};

/** Whether a text matches. It returns to the last `%` only, so that the time is bounded by both lengths multiplied. */
export const matcherOf = (pattern: string): ((text: string) => boolean) => {
  const pieces = piecesOf(pattern);
  return (text) => {
    const characters = [...text];
    let at = 0;
    let next = 0;
    let anyAt = -1;
    let resumeAt = 0;
    while (at < characters.length) {
      const piece = pieces[next];
      if (piece?.is === 'any') {
        anyAt = next;
        resumeAt = at;
        next += 1;
      } else if (piece?.is === 'one' || (piece?.is === 'literal' && piece.character === characters[at])) {
        at += 1;
        next += 1;
      } else if (anyAt >= 0) {
        resumeAt += 1;
        at = resumeAt;
        next = anyAt + 1;
      } else return false;
    }
    while (pieces[next]?.is === 'any') next += 1;
    return next === pieces.length;
  };
};

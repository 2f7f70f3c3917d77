/** A text of a condition: a substring, or a regular expression if it is between slashes. Pure. */

const asPattern = (expected: string): RegExp | null => {
  const [, source, flags] = /^\/(.*)\/([a-z]*)$/s.exec(expected) ?? [];
  return source === undefined ? null : new RegExp(source, flags);
};

export const matchesText = (text: string, expected: string): boolean =>
  asPattern(expected)?.test(text) ?? text.includes(expected);

/** What is wrong with it; null if nothing. */
export function checkTextPattern(expected: string): string | null {
  try {
    asPattern(expected);
    return null;
  } catch (error) {
    return describePatternError(error);
  }
}

export const describePatternError = (error: unknown): string =>
  error instanceof Error ? lowerFirst(error.message) : String(error);

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** Recent completions: while the user types along one, its remainder is shown without another request to a model. Pure. */

export interface CachedCompletion {
  before: string;
  after: string;
  text: string;
}

/** How much of the text before the cursor must match. */
const ANCHOR = 200;

/** The rest of the newest completion that matches the text around the cursor; null if none does. */
export function findRemainder(cached: readonly CachedCompletion[], before: string, after: string): string | null {
  for (const completion of cached.toReversed()) {
    if (completion.after !== after) continue;
    const typed = countTyped(completion, before);
    if (typed !== null && typed < completion.text.length) return completion.text.slice(typed);
  }
  return null;
}

/**
 * Whether the text was just accepted or typed at the cursor. Editors request the next completion at once, and models then tend to
 * return the same text again. Closing brackets and tags may repeat.
 */
export function repeatsAccepted(
  cached: readonly CachedCompletion[],
  before: string,
  after: string,
  text: string,
): boolean {
  if (CLOSING_ONLY.test(text)) return false;
  return cached.some(
    (completion) =>
      completion.after === after && completion.text === text && endsWithCompletion(completion, before, text),
  );
}

const CLOSING_ONLY = /^(?:[\s)\]}>;,"'`]|<\/[\w:.-]*>|\bend\b)*$/;

/** How many characters of it have been typed; null if the text differs. */
function countTyped(completion: CachedCompletion, before: string): number | null {
  for (let typed = 0; typed < completion.text.length; typed++)
    if (endsWithCompletion(completion, before, completion.text.slice(0, typed))) return typed;
  return null;
}

function endsWithCompletion(completion: CachedCompletion, before: string, typed: string): boolean {
  // With so little text before it, the completion began near the start of the file.
  if (completion.before.length <= ANCHOR) return before === completion.before + typed;
  return before.endsWith(completion.before.slice(-ANCHOR) + typed);
}

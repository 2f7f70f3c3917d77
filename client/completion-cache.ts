/** Recent completions: while the user types along one, its remainder is shown without another request to a model. Pure. */

export interface CachedCompletion {
  before: string;
  after: string;
  text: string;
}

/** How much of the text before the cursor must match. */
const ANCHOR = 200;

/** The rest of the newest completion that matches the text around the cursor; null if none does. */
export function findRemainder(offers: readonly CachedCompletion[], before: string, after: string): string | null {
  for (const offer of offers.toReversed()) {
    if (offer.after !== after) continue;
    const typed = countTyped(offer, before);
    if (typed !== null && typed < offer.text.length) return offer.text.slice(typed);
  }
  return null;
}

/** How many characters of it have been typed; null if the text differs. */
function countTyped(offer: CachedCompletion, before: string): number | null {
  const anchor = offer.before.slice(-ANCHOR);
  for (let typed = 0; typed < offer.text.length; typed++)
    if (before.endsWith(anchor + offer.text.slice(0, typed))) return typed;
  return null;
}

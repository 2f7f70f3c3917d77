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

/**
 * Whether the text was just accepted or typed at the cursor. Editors request the next completion at once, and models then tend to
 * return the same text again. What only closes something may follow itself.
 */
export function repeatsAccepted(
  offers: readonly CachedCompletion[],
  before: string,
  after: string,
  text: string,
): boolean {
  if (onlyCloses.test(text)) return false;
  return offers.some((offer) => offer.after === after && offer.text === text && endsWithOffer(offer, before, text));
}

const onlyCloses = /^(?:[\s)\]}>;,"'`]|<\/[\w:.-]*>|\bend\b)*$/;

/** How many characters of it have been typed; null if the text differs. */
function countTyped(offer: CachedCompletion, before: string): number | null {
  for (let typed = 0; typed < offer.text.length; typed++)
    if (endsWithOffer(offer, before, offer.text.slice(0, typed))) return typed;
  return null;
}

function endsWithOffer(offer: CachedCompletion, before: string, typed: string): boolean {
  // Less text before it means that it was at the start of the file.
  if (offer.before.length <= ANCHOR) return before === offer.before + typed;
  return before.endsWith(offer.before.slice(-ANCHOR) + typed);
}

/** Completions that were offered: who types on along one gets its rest without anybody being asked. Pure. */

export interface Offered {
  before: string;
  after: string;
  text: string;
}

/** As much of the text before the cursor as has to be the same. */
const ANCHOR = 200;

/** What is left of the newest offer that fits what stands there now; null where none does. */
export function restOf(offers: readonly Offered[], before: string, after: string): string | null {
  for (const offer of offers.toReversed()) {
    if (offer.after !== after) continue;
    const typed = typedOf(offer, before);
    if (typed !== null && typed < offer.text.length) return offer.text.slice(typed);
  }
  return null;
}

/** How much of it has been typed since; null where something else was. */
function typedOf(offer: Offered, before: string): number | null {
  const anchor = offer.before.slice(-ANCHOR);
  for (let typed = 0; typed < offer.text.length; typed++)
    if (before.endsWith(anchor + offer.text.slice(0, typed))) return typed;
  return null;
}

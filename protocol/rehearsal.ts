/** The scripted models that ship with Tutti. */

/** Their provider. It needs no endpoint and no key, and is in no catalog. */
export const rehearsalProvider = "rehearsal";
/** The one that shows what Tutti does. */
export const defaultRehearsal = "tour";

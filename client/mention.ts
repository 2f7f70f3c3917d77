/** Files as prompts name them behind an @, the same in every client. */

/** In quotes where it would end too early. */
export const quoted = (name: string): string => (/\s/.test(name) ? `"${name}"` : name);

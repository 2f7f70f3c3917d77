/** A prompt that begins with `/name`. Pure. */

export interface Slash {
  name: string;
  args: string;
}

/** Null for any other prompt; a path such as `/etc/hosts` is none. */
export function parseSlash(text: string): Slash | null {
  const [, name, args = ""] = /^\/([A-Za-z_][\w.:-]{0,129})(?:\s+([\s\S]*))?$/.exec(text) ?? [];
  return name === undefined ? null : { name, args: args.trim() };
}

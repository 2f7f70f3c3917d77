/** Settings of a plugin: environment variables that the host passes to it. */

/** An empty variable counts as not set. */
export const setting = (name: string): string | undefined => process.env[name]?.trim() || undefined;

/** Throws with a hint if the variable is not set. */
export function requireSetting(name: string, hint: string): string {
  const value = setting(name);
  if (value === undefined) throw new Error(`${name} is not set; ${hint}`);
  return value;
}

/** A URL without trailing slashes. */
export const urlSetting = (name: string, fallback: string): string => (setting(name) ?? fallback).replace(/\/+$/, "");

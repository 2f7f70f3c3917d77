/** Settings of a plugin: variables of its environment, as hosts hand them to MCP servers. */

/** An empty variable is one that is not set. */
export const setting = (name: string): string | undefined => process.env[name]?.trim() || undefined;

/** Throws what to do where it is not set. */
export function requireSetting(name: string, hint: string): string {
  const value = setting(name);
  if (value === undefined) throw new Error(`${name} is not set; ${hint}`);
  return value;
}

/** An address without slashes at its end. */
export const urlSetting = (name: string, fallback: string): string => (setting(name) ?? fallback).replace(/\/+$/, "");

/** Settings in a project's files that need the user's trust, as items that are granted one by one. Types only. */

export type ItemKind = "provider" | "hook" | "agent" | "skill" | "command" | "permission" | "instructions" | "setting";

/** A setting that has no effect until the user trusts it. */
export interface WithheldSetting {
  /** Its key path in the file. */
  path: readonly string[];
  kind: ItemKind;
  /** Its value; a single entry if `path` is a list that layers append to. */
  value: unknown;
  /** It starts a program, sends to an address, reads outside of the project, or removes an approval or a restriction. */
  runs: boolean;
}

export interface ProjectItem extends Omit<WithheldSetting, "path"> {
  /** SHA-256 of source, path, value and the files it would run. If any of them changes, it is another item. */
  id: string;
  /** `path` as a dotted key, to find the previous version of a changed item. */
  key: string;
  /** The file. */
  source: string;
}

export interface TrustItem extends ProjectItem {
  granted: boolean;
}

/** One hook command. */
export interface CommandHook {
  /** The file that defines it. */
  source: string;
  /** The event name in the file, of Claude Code or of Tutti. */
  event: string;
  /** Null if it matches every event of that name. */
  matcher: string | null;
  /** A shell command line. */
  command: string;
  timeoutMs: number;
  /** Variables that its file sets; a value may name others, as `${NAME}`. */
  env: Readonly<Record<string, string>>;
}

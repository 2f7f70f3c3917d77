/** What a project's files ask for beside being stricter, in the pieces that a person says yes to. Types only. */

export type ItemKind = "provider" | "hook" | "agent" | "permission" | "instructions" | "setting";

/** One thing that has no effect before a person says yes to it. */
export interface Withheld {
  /** Where it stands in the file. */
  path: readonly string[];
  kind: ItemKind;
  /** As it stands there; one entry where `path` leads to a list that grows. */
  value: unknown;
  /** It starts a program, sends to an address, reads outside of the project, or takes a question or a wall away. */
  runs: boolean;
}

export interface ProjectItem extends Omit<Withheld, "path"> {
  /** SHA-256 of where it stands, what it says, and the files that it would run: whatever changes, it is another item. */
  id: string;
  /** `path`, dotted: what it may be compared with when it has changed. */
  key: string;
  /** The file. */
  source: string;
}

export interface TrustItem extends ProjectItem {
  granted: boolean;
}

/** One command for a hook runner. */
export interface CommandHook {
  /** The file that names it. */
  source: string;
  /** As it stands in the file: a name of Claude Code's or of Tutti's own. */
  event: string;
  /** Null where it is for every event of that name. */
  matcher: string | null;
  /** A line for the shell. */
  command: string;
  timeoutMs: number;
}

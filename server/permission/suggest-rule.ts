/** Which rule to offer for "always" for a command: narrow enough to be approved without reading a manual. Pure. */
import { needsExactRule } from "./program-tables.ts";
import { isKnownReader } from "./read-only-programs.ts";
import type { CommandPart } from "./shell.ts";

/**
 * Programs whose second word names what they do, with the subcommands that still need the exact line: what they run, destroy or publish
 * depends on their further words. Runners of project scripts, such as npm and make, are not listed: their second word may be any script.
 */
const subcommands: Readonly<Record<string, readonly string[]>> = {
  git: ["push", "clean", "reset", "rm", "config", "filter-branch", "submodule", "bisect", "rebase", "remote", "gc"],
  cargo: ["run", "install", "uninstall", "publish", "yank", "owner", "login"],
  go: ["run", "generate", "install", "get", "tool", "env"],
  helm: ["install", "upgrade", "uninstall", "delete", "rollback", "push", "plugin"],
  terraform: ["apply", "destroy", "import", "state", "taint", "console"],
  tofu: ["apply", "destroy", "import", "state", "taint", "console"],
  dotnet: ["run", "exec", "tool", "nuget", "add", "publish"],
  swift: ["run"],
  mix: ["run", "do", "cmd"],
  rustup: ["run", "default", "self"],
  brew: ["install", "uninstall", "upgrade", "services"],
  gh: ["api", "auth", "alias", "extension", "secret"],
  glab: ["api", "auth", "alias"],
};

/** Subcommands that only group others, so that the third word names what is done. */
const groups: Readonly<Record<string, readonly string[]>> = {
  git: ["stash", "worktree", "notes"],
  go: ["mod", "work"],
  helm: ["repo"],
  rustup: ["target", "toolchain", "component"],
  gh: ["pr", "issue", "run", "repo", "release", "workflow", "gist", "label", "search"],
  glab: ["mr", "issue", "ci", "repo", "release"],
};

/** In groups, too: `docker compose exec`. */
const risky = /^(run|exec|rm|remove|delete|destroy|kill|prune|drop|clear|push|publish|merge|close|create|edit|set)/;

/** `bash(program subcommand:*)` for a program with a subcommand, the exact line for everything else. */
export function suggestCommandRule({ words, text, reads, writes, globs }: CommandPart): string {
  const exact = `bash(${text.trim()})`;
  const [program = "", second = "", third = ""] = words;
  const isPlain = reads.length === 0 && writes.length === 0 && globs.every((glob) => glob === null);
  const needsExact = subcommands[program];
  if (!needsExact || !isPlain || needsExactRule(words) || isKnownReader(words) || !isName(second)) return exact;
  if (needsExact.includes(second)) return exact;
  if (!groups[program]?.includes(second)) return `bash(${program} ${second}:*)`;
  return isName(third) && !risky.test(third) ? `bash(${program} ${second} ${third}:*)` : exact;
}

const isName = (word: string): boolean => /^[a-z][a-z0-9-]*$/.test(word);

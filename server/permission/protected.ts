/**
 * Files that decide what runs, or what is allowed: changed only after a person said yes, in every mode. The agent's own
 * configuration is never changed by the agent at all.
 */
import { relative, sep } from "node:path";

export interface Guarded {
  decision: "ask" | "deny";
  why: string;
}

const table: readonly { pattern: RegExp; why: string }[] = [
  {
    pattern: /(^|\/)\.git(\/|$)/,
    why: "it belongs to the repository itself, and hooks or settings in it run programs",
  },
  { pattern: /(^|\/)\.git(modules|attributes)$/, why: "git runs programs that it names" },
  {
    pattern: /(^|\/)\.(vscode|idea|devcontainer|zed|cursor|claude|opencode|codex|husky|tutti)(\/|$)/,
    why: "an editor or an agent runs what it names",
  },
  { pattern: /\.code-workspace$/, why: "an editor runs what it names" },
  { pattern: /(^|\/)\.mcp\.json$/, why: "agents start the programs that it names" },
  { pattern: /(^|\/)\.github\/(workflows|actions)(\/|$)/, why: "the build server runs it" },
  {
    pattern:
      /(^|\/)(\.gitlab-ci\.ya?ml|\.circleci(\/|$)|\.travis\.ya?ml|azure-pipelines\.ya?ml|jenkinsfile|\.drone\.ya?ml|bitbucket-pipelines\.ya?ml|\.buildkite(\/|$)|\.woodpecker(\/|$))/,
    why: "the build server runs it",
  },
  {
    pattern:
      /(^|\/)\.(npmrc|yarnrc|yarnrc\.yml|pnpmfile\.cjs|pypirc|envrc|pre-commit-config\.ya?ml|netrc|wgetrc|curlrc|gitconfig|bazelrc)$/,
    why: "programs take commands or addresses from it",
  },
  {
    pattern:
      /(^|\/)\.(bash(rc|_profile|_login|_logout|_aliases)|profile|zsh(rc|env)|zprofile|zlogin|kshrc|cshrc|tcshrc|inputrc|vimrc|exrc)$/,
    why: "a shell or an editor runs it at its start",
  },
  { pattern: /(^|\/)config\.fish$/, why: "a shell runs it at its start" },
];

const ownFiles = /(^|\/)(tutti\.jsonc|\.tutti\/(tutti\.jsonc|plugins|hooks)(\/.*)?|\.tutti)$/;

/** `own` are folders of the agent itself (configuration, data), real. The path is real and absolute. */
export function guarded(path: string, root: string, own: readonly string[]): Guarded | null {
  if (own.some((folder) => isWithin(path, folder)))
    return { decision: "deny", why: "it is the agent's own configuration or data; change it yourself" };
  const shown = (isWithin(path, root) ? relative(root, path) : path).replaceAll("\\", "/").toLowerCase();
  if (ownFiles.test(shown)) return { decision: "deny", why: "it is the agent's own configuration; change it yourself" };
  const row = table.find((entry) => entry.pattern.test(shown));
  return row === undefined ? null : { decision: "ask", why: row.why };
}

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

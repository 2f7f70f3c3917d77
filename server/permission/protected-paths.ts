/**
 * Files that decide what runs or what is allowed: editing them needs the user's approval in every mode. The agent can never edit
 * its own configuration.
 */
import { relative } from "node:path";
import { isWithin } from "../workspace/within.ts";

export interface ProtectedPath {
  decision: "ask" | "deny";
  reason: string;
}

const PROTECTED_PATHS: readonly { pattern: RegExp; reason: string }[] = [
  {
    pattern: /(^|\/)\.git(\/|$)/,
    reason: "it is part of the git repository, whose hooks and settings run programs",
  },
  { pattern: /(^|\/)\.git(modules|attributes)$/, reason: "git runs programs named in it" },
  {
    pattern: /(^|\/)\.(vscode|idea|devcontainer|zed|cursor|claude|opencode|codex|husky|tutti)(\/|$)/,
    reason: "an editor or an agent runs programs named in it",
  },
  { pattern: /\.code-workspace$/, reason: "an editor runs programs named in it" },
  { pattern: /(^|\/)\.mcp\.json$/, reason: "agents start programs named in it" },
  { pattern: /(^|\/)\.github\/(workflows|actions)(\/|$)/, reason: "the build server runs it" },
  {
    pattern:
      /(^|\/)(\.gitlab-ci\.ya?ml|\.circleci(\/|$)|\.travis\.ya?ml|azure-pipelines\.ya?ml|jenkinsfile|\.drone\.ya?ml|bitbucket-pipelines\.ya?ml|\.buildkite(\/|$)|\.woodpecker(\/|$))/,
    reason: "the build server runs it",
  },
  {
    pattern:
      /(^|\/)\.(npmrc|yarnrc|yarnrc\.yml|pnpmfile\.cjs|pypirc|envrc|pre-commit-config\.ya?ml|netrc|wgetrc|curlrc|gitconfig|bazelrc)$/,
    reason: "programs take commands or addresses from it",
  },
  {
    pattern:
      /(^|\/)\.(bash(rc|_profile|_login|_logout|_aliases)|profile|zsh(rc|env)|zprofile|zlogin|kshrc|cshrc|tcshrc|inputrc|vimrc|exrc)$/,
    reason: "a shell or an editor runs it at startup",
  },
  { pattern: /(^|\/)config\.fish$/, reason: "a shell runs it at startup" },
];

const OWN_FILES = /(^|\/)(tutti\.jsonc|\.tutti\/(tutti\.jsonc|plugins|hooks)(\/.*)?|\.tutti)$/;

/** `own` are the agent's configuration and data folders. All paths are real and absolute. */
export function checkProtectedPath(path: string, root: string, own: readonly string[]): ProtectedPath | null {
  if (own.some((folder) => isWithin(path, folder)))
    return { decision: "deny", reason: "it is the agent's own configuration or data; change it yourself" };
  const normalized = (isWithin(path, root) ? relative(root, path) : path).replaceAll("\\", "/").toLowerCase();
  if (OWN_FILES.test(normalized))
    return { decision: "deny", reason: "it is the agent's own configuration; change it yourself" };
  const row = PROTECTED_PATHS.find((entry) => entry.pattern.test(normalized));
  return row === undefined ? null : { decision: "ask", reason: row.reason };
}

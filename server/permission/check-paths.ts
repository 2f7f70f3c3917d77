/** Resolves the words of a command as paths, and checks whether they are outside the workspace, secret or protected. */
import { isAbsolute, resolve } from "node:path";
import type { PolicyPaths } from "../workspace/policy-paths.ts";
import { isSecretPath } from "../workspace/secret-files.ts";
import { isWithin } from "../workspace/within.ts";
import { checkProtectedPath } from "./protected-paths.ts";

export interface PathArgument {
  /** As written. */
  shown: string;
  /** Absolute, without and with links resolved. */
  named: string;
  path: string;
}

const MAX_PIECES = 500;

/** Everything in a word that may be a path: the word, what follows `=` or `@`, and pieces between `:` or `,`. */
export function findPathArguments(word: string, cwd: string, paths: PolicyPaths): PathArgument[] {
  const candidates = new Set([word]);
  const eq = word.indexOf("=");
  if (eq > 0) candidates.add(word.slice(eq + 1));
  for (const piece of word.split(/[:,=]/)) if (piece !== word) candidates.add(piece);
  // Too many to check: treated as a path outside the workspace.
  if (candidates.size > MAX_PIECES) return [{ shown: `${word.slice(0, 40)}…`, named: "/", path: "/" }];
  // A value may be attached to a short option: -I/etc, -C../x.
  const attachedValue = /^-{1,2}[A-Za-z]((?:\/|~|\.\.).*)$/.exec(word)?.[1];
  if (attachedValue !== undefined) candidates.add(attachedValue);
  for (const candidate of [...candidates]) if (candidate.startsWith("@")) candidates.add(candidate.slice(1));
  const option = word.startsWith("-");
  return [...candidates]
    .filter((text) => text !== "" && !(option && text === word))
    .flatMap((text) => resolveArgument(text, cwd, paths));
}

function resolveArgument(text: string, cwd: string, paths: PolicyPaths): PathArgument[] {
  if (text.includes("\0")) return [];
  const path = text.replace(/^file:(\/\/(localhost)?)?/i, "");
  // "//host" is the rest of a URL that was split at its colon.
  if (/^\/\/[\w.-]/.test(text) || /^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return [];
  const named = path.startsWith("~")
    ? resolve(paths.home, path.replace(/^~[^/]*\/?/, ""))
    : isAbsolute(path)
      ? resolve(path)
      : resolve(cwd, path);
  return [{ shown: text, named, path: paths.resolveRealPath(named) }];
}

export interface PathFinding {
  decision: "ask" | "deny";
  reason: string;
  /** True if no allow rule can override this finding. */
  overridesRules: boolean;
}

/** Why a path must not be read or edited without approval, or null. */
export function checkPath(argument: PathArgument, use: "read" | "edit", paths: PolicyPaths): PathFinding | null {
  if (argument.path === "/dev/null") return null;
  if (use === "edit")
    for (const path of [argument.path, argument.named]) {
      const finding = checkProtectedPath(path, paths.root, paths.protectedFolders);
      if (finding !== null)
        return { ...finding, reason: `${argument.shown} is protected: ${finding.reason}`, overridesRules: true };
    }
  if (!isWithin(argument.path, paths.root)) {
    const target = argument.path === argument.named ? "" : `, it resolves to ${argument.path}`;
    return { decision: "ask", reason: `${argument.shown} is outside the workspace${target}`, overridesRules: false };
  }
  if (isSecretPath(argument.path) || isSecretPath(argument.named))
    return { decision: "ask", reason: `${argument.shown} may contain secrets`, overridesRules: false };
  if (use === "edit" && paths.findHardLink(argument.path) === "packages")
    return {
      decision: "ask",
      reason: `${argument.shown} is a hard-linked file of an installed package; other projects may share it`,
      overridesRules: false,
    };
  return null;
}

/** A folder with links, secrets and protected files, and shorthands for permission decisions in it. */
import { linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRipgrep } from "../../server/node/find-ripgrep.ts";
import { loadGrammar } from "../../server/permission/load-parsers.ts";
import { type Call, decide, type Mode, type PolicyDecision } from "../../server/permission/policy.ts";
import type { Access } from "../../server/ports.ts";
import { createPolicyPaths, type PolicyPaths } from "../../server/workspace/policy-paths.ts";
import { resolveRealPath } from "../../server/workspace/real-path.ts";

/** What decisions look at on the real disk, for a folder. */
export const openPolicyPaths = (root: string, protectedFolders: readonly string[] = []): PolicyPaths =>
  createPolicyPaths({ home: "/home/someone", protectedFolders, ripgrep: () => findRipgrep(), env: process.env })(root);

export type RuleLists = { allow?: string[]; ask?: string[]; deny?: string[] };

export async function openPolicyBench() {
  const grammar = await loadGrammar();
  const outer = realpathSync(mkdtempSync(join(tmpdir(), "tutti-policy-")));
  const root = join(outer, "workspace");
  const paths: PolicyPaths = {
    ...openPolicyPaths(root, ["/home/someone/.config/tutti", "/home/someone/.local/share/tutti"]),
    // Its folder `.git` is empty, so git would say that there is no repository.
    findGitRisk: () => null,
    findGitSecrets: () => [],
  };
  for (const folder of ["workspace/src", "workspace/.git", "workspace/node_modules/p", "outside"])
    mkdirSync(join(outer, folder), { recursive: true });
  for (const file of ["workspace/a.txt", "workspace/.env", "outside/secret.txt"]) writeFileSync(join(outer, file), "x");
  for (const path of ["linked.txt", "node_modules/p/linked.js"])
    linkSync(join(outer, "outside/secret.txt"), join(root, path));
  symlinkSync("../outside", join(root, "outlink"));
  symlinkSync("outlink", join(root, "chain"));
  symlinkSync("../outside/not-there", join(root, "dangling"));
  symlinkSync(".env", join(root, "plain-name"));

  const judge = (call: Call, mode: Mode, lists: RuleLists = {}, policyPaths = paths): PolicyDecision =>
    decide(call, { ...policyPaths, mode, rules: { allow: [], ask: [], deny: [], ...lists } }, grammar);
  const toCall = (command: string): Call => ({
    tool: "bash",
    kind: "execute",
    accesses: [{ kind: "execute", command, cwd: root }],
  });
  const toAccess = (kind: "read" | "edit", path: string): Access => ({
    kind,
    path: resolveRealPath(join(root, path)),
    shown: path,
  });
  return {
    outer,
    paths,
    judge,
    toCall,
    toAccess,
    judgeCommand: (command: string, mode: Mode, lists: RuleLists = {}) => judge(toCall(command), mode, lists).decision,
    judgeFile: (kind: "read" | "edit", path: string, mode: Mode, lists: RuleLists = {}) =>
      judge({ tool: kind === "edit" ? "write" : "read", kind, accesses: [toAccess(kind, path)] }, mode, lists),
    close: () => rmSync(outer, { recursive: true }),
  };
}

export type PolicyBench = Awaited<ReturnType<typeof openPolicyBench>>;

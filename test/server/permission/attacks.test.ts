/**
 * Command lines that must never be allowed, each in a repository that is prepared for it, and everyday commands that must be, with the
 * real disk, git and ripgrep.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkCommand } from "../../../server/permission/check-command.ts";
import { findProgram, isInstalledProgram } from "../../../server/workspace/programs.ts";
import { openPolicyPaths } from "../../help/policy-bench.ts";

interface Group {
  rules: string;
  /** A shell script that prepares the workspace. */
  setup: string;
  commands: string[];
}
const readFixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), "utf8"));
const attacks: { must_not_allow: Group[]; must_allow: string[] } = readFixture("shell-attacks.json");
const everyday: string[] = readFixture("everyday-commands.json");

const readers = "echo|ls|cat|git status|git log|git diff|git grep|find|grep|sed -n|sort|head|tail|wc|diff|uniq".split(
  "|",
);
const ruleSets: Record<string, object> = {
  A: { mode: "ask", allow: readers.map((words) => `bash(${words}:*)`) },
  D: { mode: "ask", allow: ["bash"], deny: ["bash(rm:*)"] },
  ask: { mode: "ask" },
  edit: { mode: "edit" },
  auto: { mode: "auto" },
};

const BASE = `git init -q -b main .; echo hi > a.txt; echo ho > b.txt; echo hi > victim; echo x > dx; mkdir src out
  echo 'foo(bar)' > src/a.ts; echo '# x' > README.md; seq 2000 > big.txt; echo 'all:' > Makefile
  for i in ls e.sh git-pwnhelper; do printf '#!/bin/sh\\n/usr/bin/touch pwn\\n' > $i; chmod +x $i; done; ln -s ../outside outlink
  echo '{"name":"x","scripts":{"test":"true"}}' > package.json
  git add -A; git -c user.name=x -c user.email=x@x commit -qm one; echo 'API_KEY=s3cr3t' > .env`;

describe("command lines of attackers", function () {
  // Prepares many repositories, on a machine that may be busy.
  this.timeout(240_000);
  let base: string;
  const opened: string[] = [];
  const runScript = (script: string, cwd: string): void =>
    void execFileSync("bash", ["-c", script], {
      cwd,
      env: { PATH: process.env.PATH ?? "", HOME: join(cwd, "../home") },
      stdio: "ignore",
    });
  before(() => {
    base = realpathSync(mkdtempSync(join(tmpdir(), "tutti-attacks-")));
    opened.push(base);
    for (const folder of ["workspace", "outside", "home"]) mkdirSync(join(base, folder));
    writeFileSync(join(base, "outside", "secret.txt"), "s3cr3t\n");
    runScript(BASE, join(base, "workspace"));
  });
  after(() => {
    for (const folder of opened) rmSync(folder, { recursive: true });
  });

  function prepare(setup: string): string {
    const outer = realpathSync(mkdtempSync(join(tmpdir(), "tutti-attack-")));
    opened.push(outer);
    cpSync(base, outer, { recursive: true, verbatimSymlinks: true });
    const root = join(outer, "workspace");
    // Parts of a setup may fail where a program is missing.
    if (setup !== "") runScript(`${setup}; true`, root);
    return root;
  }
  const decide = async (root: string, rules: string, command: string): Promise<string> => {
    const line = command
      .replaceAll("SECRET", join(root, "../outside/secret.txt"))
      .replaceAll("OUTSIDE", join(root, "../outside"));
    return (await checkCommand({ permissions: ruleSets[rules] }, line, openPolicyPaths(root))).decision;
  };

  for (const [at, { rules, setup, commands }] of attacks.must_not_allow.entries())
    it(`are not allowed: ${commands[0]?.split("\n")[0]} and ${commands.length - 1} more by rules ${rules} (${at})`, async () => {
      const root = prepare(setup);
      const allowed: string[] = [];
      for (const command of commands) if ((await decide(root, rules, command)) === "allow") allowed.push(command);
      assert.deepEqual(allowed, []);
    });

  it("leave harmless ones allowed", async () => {
    const root = prepare("");
    const refused: string[] = [];
    for (const command of attacks.must_allow) {
      const isElsewhere = command === "node --version" && !isInstalled("node", root);
      if (!isElsewhere && (await decide(root, "A", command)) !== "allow") refused.push(command);
    }
    assert.deepEqual(refused, []);
  });

  for (const rules of ["ask", "edit"])
    it(`leave everyday commands allowed in ${rules} mode, except a few`, async () => {
      const root = prepare("");
      const asked: string[] = [];
      for (const command of everyday) {
        const [, program] = /^(node|npm|python3|jq|git|make) (?:-v|--version)$/.exec(command) ?? [];
        if (program !== undefined && !isInstalled(program, root)) continue;
        if ((await decide(root, rules, command)) !== "allow") asked.push(command);
      }
      assert.ok(everyday.length > 120);
      assert.deepEqual(asked, ["npm ls --depth=0"]);
    });
});

/** False where this machine has a version manager, or lacks the program. */
function isInstalled(name: string, root: string): boolean {
  const path = findProgram(name, process.env.PATH, root);
  return path !== null && isInstalledProgram(name, realpathSync(path));
}

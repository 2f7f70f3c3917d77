/** Command lines that must never be allowed under certain rules, and harmless ones that must be, tested with a real folder. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkCommand } from "../../../server/permission/check-command.ts";
import { openPolicyPaths } from "../../help/policy-bench.ts";

interface Lists {
  must_not_allow: { group: string; rules: "A" | "D"; command: string }[];
  must_allow: string[];
}

const lists: Lists = JSON.parse(readFileSync(new URL("../../fixtures/shell-bypass.json", import.meta.url), "utf8"));
const readOnly = [
  "echo",
  "ls",
  "cat",
  "git status",
  "git log",
  "git diff",
  "git grep",
  "find",
  "grep",
  "sed -n",
  "sort",
  "head",
  "tail",
  "wc",
  "diff",
  "uniq",
];
const ruleSets: Record<string, Record<string, string[]>> = {
  A: { allow: readOnly.map((words) => `bash(${words}:*)`) },
  D: { allow: ["*"], deny: ["bash(rm:*)"] },
};

describe("known bypasses of command rules", () => {
  const outer = realpathSync(mkdtempSync(join(tmpdir(), "tutti-bypass-")));
  const root = join(outer, "workspace");
  const secret = join(outer, "outside", "secret.txt");
  const paths = { ...openPolicyPaths(root), findGitRisk: () => null };
  before(() => {
    for (const folder of ["workspace/src", "workspace/out", "outside"])
      mkdirSync(join(outer, folder), { recursive: true });
    writeFileSync(secret, "s3cr3t");
    for (const file of ["a.txt", "b.txt", "victim", "dx", "src/a.ts"]) writeFileSync(join(root, file), "hi");
    symlinkSync("../outside", join(root, "outlink"));
  });
  after(() => rmSync(outer, { recursive: true }));

  const decide = async (set: Record<string, string[]>, command: string, mode = "ask") =>
    (await checkCommand({ permissions: { mode, ...set } }, command, paths)).decision;
  const findAllowed = async (rules: string, set: Record<string, string[]>, mode: string) => {
    const found: string[] = [];
    for (const entry of lists.must_not_allow.filter((entry) => entry.rules === rules)) {
      const command = entry.command
        .replace('"SEC"RET', `"${secret.slice(0, 9)}"${secret.slice(9)}`)
        .replaceAll("SECRET", secret);
      if ((await decide(set, command, mode)) === "allow") found.push(`${entry.group}: ${entry.command}`);
    }
    return found;
  };

  for (const mode of ["ask", "edit"])
    it(`allows none of them with rules for read-only programs, in ${mode} mode`, async () =>
      assert.deepEqual(await findAllowed("A", ruleSets.A ?? {}, mode), []));
  it("allows none of them if everything but rm is allowed", async () =>
    assert.deepEqual(await findAllowed("D", ruleSets.D ?? {}, "ask"), []));
  it("allows none of them in auto mode with rm denied, in every spelling of the rule", async () => {
    for (const deny of ["bash(rm:*)", "bash(rm)", "bash(rm *)", "Bash(rm:*)"])
      assert.deepEqual(await findAllowed("D", { deny: [deny] }, "auto"), []);
  });
  it("allows every harmless line", async () => {
    const refused: string[] = [];
    for (const command of lists.must_allow)
      if ((await decide(ruleSets.A ?? {}, command)) !== "allow") refused.push(command);
    assert.deepEqual(refused, []);
  });
});

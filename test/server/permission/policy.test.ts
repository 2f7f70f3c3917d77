/** Permission decisions by mode, rule and path. */
import assert from "node:assert/strict";
import { modes } from "../../../protocol/settings.ts";
import { checkCommand } from "../../../server/permission/check-command.ts";
import type { Mode } from "../../../server/permission/policy.ts";
import { openPolicyBench, type PolicyBench, type RuleLists } from "../../help/policy-bench.ts";

describe("permission decisions", () => {
  let bench: PolicyBench;
  before(async () => {
    bench = await openPolicyBench();
  });
  after(() => bench.close());

  const judgeInModes = (judgeIn: (mode: Mode) => string) => modes.map(judgeIn).join(" ");

  it("follows the mode if no rule matches", () => {
    const rows: [string, (mode: Mode) => string, string][] = [
      ["reading", (mode) => bench.judgeFile("read", "src/a.ts", mode).decision, "allow allow allow allow"],
      ["editing", (mode) => bench.judgeFile("edit", "src/a.ts", mode).decision, "deny ask allow allow"],
      ["a command that reads", (mode) => bench.judgeCommand("git status", mode), "deny allow allow allow"],
      ["a command", (mode) => bench.judgeCommand("npm test", mode), "deny ask ask allow"],
      ["a pipe of commands", (mode) => bench.judgeCommand("npm test 2>&1 | tail -5", mode), "deny ask ask allow"],
      ["a file written by the shell", (mode) => bench.judgeCommand("echo hi > out.txt", mode), "deny ask ask allow"],
      ["a loop", (mode) => bench.judgeCommand('for f in src/*; do p1 "$f"; done', mode), "deny ask ask allow"],
      [
        "a loop that reads",
        (mode) => bench.judgeCommand('for f in src/*; do wc -l "$f"; done', mode),
        "deny allow allow allow",
      ],
      [
        "a page",
        (mode) =>
          bench.judge({ tool: "fetch", kind: "fetch", accesses: [{ kind: "fetch", url: "https://a.example/x" }] }, mode)
            .decision,
        "deny ask ask allow",
      ],
      [
        "a page with a URL long enough to send a file",
        (mode) =>
          bench.judge(
            {
              tool: "fetch",
              kind: "fetch",
              accesses: [{ kind: "fetch", url: `https://a.example/${"x".repeat(200)}` }],
            },
            mode,
          ).decision,
        "deny ask ask ask",
      ],
      [
        "a tool of a plugin",
        (mode) => bench.judge({ tool: "jira__search", kind: "other", accesses: [] }, mode).decision,
        "deny ask ask allow",
      ],
      [
        "thinking",
        (mode) => bench.judge({ tool: "plan", kind: "think", accesses: [{ kind: "none" }] }, mode).decision,
        "allow allow allow allow",
      ],
      [
        "a subtask",
        (mode) => bench.judge({ tool: "task", kind: "task", accesses: [] }, mode).decision,
        "allow allow allow allow",
      ],
      ["reading outside", (mode) => bench.judgeFile("read", "../outside/secret.txt", mode).decision, "ask ask ask ask"],
      ["editing outside", (mode) => bench.judgeFile("edit", "../outside/x", mode).decision, "deny ask ask ask"],
      [
        "reading through a link",
        (mode) => bench.judgeFile("read", "chain/secret.txt", mode).decision,
        "ask ask ask ask",
      ],
      [
        "writing through a dangling link",
        (mode) => bench.judgeFile("edit", "dangling", mode).decision,
        "deny ask ask ask",
      ],
      ["a hard link", (mode) => bench.judgeFile("edit", "linked.txt", mode).decision, "deny ask allow allow"],
      [
        "a hard link of an installed package",
        (mode) => bench.judgeFile("edit", "node_modules/p/linked.js", mode).decision,
        "deny ask ask ask",
      ],
      [
        "the same on the command line",
        (mode) => bench.judgeCommand("echo 1 > node_modules/p/linked.js", mode),
        "deny ask ask ask",
      ],
      ["reading it", (mode) => bench.judgeCommand("cat node_modules/p/linked.js", mode), "deny allow allow allow"],
      ["reading another one", (mode) => bench.judgeCommand("cat linked.txt", mode), "deny ask ask allow"],
      ["a secret", (mode) => bench.judgeFile("read", ".env", mode).decision, "ask ask ask ask"],
      ["a secret through a link", (mode) => bench.judgeFile("read", "plain-name", mode).decision, "ask ask ask ask"],
      ["its example", (mode) => bench.judgeFile("read", ".env.example", mode).decision, "allow allow allow allow"],
      ["a secret on the command line", (mode) => bench.judgeCommand("cat .env", mode), "deny ask ask ask"],
      ["a secret in the history", (mode) => bench.judgeCommand("git show HEAD:.env", mode), "deny ask ask ask"],
      ["outside on the command line", (mode) => bench.judgeCommand("cat outlink/secret.txt", mode), "deny ask ask ask"],
      ["the home on the command line", (mode) => bench.judgeCommand("ls ~", mode), "deny ask ask ask"],
      ["after cd", (mode) => bench.judgeCommand("cd src && cat ../../outside/secret.txt", mode), "deny ask ask ask"],
      [
        "an invalid URL",
        (mode) =>
          bench.judge({ tool: "fetch", kind: "fetch", accesses: [{ kind: "fetch", url: "nope" }] }, mode).decision,
        "deny deny deny deny",
      ],
    ];
    for (const [name, judgeIn, expected] of rows) assert.equal(judgeInModes(judgeIn), expected, name);
  });

  it("asks before a protected file is edited, whatever is allowed", () => {
    const paths = [
      ".git/hooks/pre-commit",
      ".git/config",
      ".GIT/config",
      ".gitmodules",
      ".gitattributes",
      ".vscode/tasks.json",
      ".idea/x.xml",
      "a.code-workspace",
      ".npmrc",
      ".github/workflows/ci.yml",
      ".gitlab-ci.yml",
      ".bashrc",
      ".zshrc",
      ".mcp.json",
      ".husky/pre-commit",
      "packages/a/.envrc",
    ];
    for (const path of paths) {
      const edit = bench.judgeFile("edit", path, "auto", { allow: ["*", "edit", "edit(**)"] });
      assert.equal(edit.decision, "ask", path);
      assert.match(edit.reason, /protected/);
      assert.equal(edit.always, undefined);
      for (const command of [
        `echo x > ${path}`,
        `cp a.txt ${path}`,
        `tee ${path}`,
        `for f in a; do echo $f >> ${path}; done`,
      ])
        assert.equal(bench.judgeCommand(command, "auto", { allow: ["*", `bash(${command})`] }), "ask", command);
    }
    for (const command of [
      "git config core.hooksPath x",
      "git -c a=b config core.pager x",
      "npm config set script-shell x",
    ])
      assert.equal(bench.judgeCommand(command, "auto"), "ask", command);
  });

  it("asks before git reads if the repository's settings could start a program", () => {
    const riskyPaths = { ...bench.paths, findGitRisk: () => "core.fsmonitor may start a program" };
    const lines = ["git status", "git diff && ls", "git log --oneline -5"];
    const judgeLines = (paths: PolicyBench["paths"], allow: string[] = []) =>
      lines.map((line) => bench.judge(bench.toCall(line), "ask", { allow }, paths).decision);
    assert.deepEqual(judgeLines(bench.paths), ["allow", "allow", "allow"]);
    assert.deepEqual(judgeLines(riskyPaths), ["ask", "ask", "ask"]);
    assert.deepEqual(judgeLines(riskyPaths, ["bash(git log:*)", "bash(git status)"]), ["allow", "ask", "ask"]);
  });

  it("never lets the agent change its own configuration", () => {
    for (const path of ["tutti.jsonc", "src/tutti.jsonc", ".tutti/tutti.jsonc"]) {
      assert.equal(bench.judgeFile("edit", path, "auto", { allow: ["*", `edit(${path})`] }).decision, "deny", path);
      for (const command of [`echo x > ${path}`, `mv a.txt ${path}`, `sed -i s/a/b/ ${path}`])
        assert.equal(bench.judgeCommand(command, "auto", { allow: ["*"] }), "deny", command);
    }
    assert.equal(bench.judgeCommand("cp a.txt ~/.config/tutti/tutti.jsonc", "auto"), "deny");
    assert.equal(bench.judgeCommand("cp a.txt /home/someone/.config/tutti/tutti.jsonc", "auto"), "deny");
    // Grants and approvals are protected, too.
    for (const name of ["trust.json", "plugins.json", "permissions.json"]) {
      const path = `/home/someone/.local/share/tutti/${name}`;
      assert.equal(bench.judgeCommand(`echo '{}' > ${path}`, "auto", { allow: ["*"] }), "deny", name);
    }
    assert.equal(bench.judgeFile("read", "tutti.jsonc", "ask").decision, "allow");
  });

  it("matches rules: exact, by prefix, by path, by domain, by tool", () => {
    const rows: [string, RuleLists, string][] = [
      ["npm test", { allow: ["bash(npm test)"] }, "allow"],
      ["npm  'test'", { allow: ["bash(npm test)"] }, "allow"],
      ["npm test -- x", { allow: ["bash(npm test)"] }, "ask"],
      ["npm test && git status", { allow: ["bash(npm test)"] }, "allow"],
      ["npm test && npm publish", { allow: ["bash(npm test)"] }, "ask"],
      ["npm run build", { allow: ["bash(npm run:*)"] }, "allow"],
      ["npm runner", { allow: ["bash(npm run:*)"] }, "ask"],
      ["npm run build", { allow: ["bash(npm *)"] }, "allow"],
      ["npm run build", { allow: ["Bash(npm:*)"] }, "allow"],
      ["npm run build > log", { allow: ["bash(npm:*)"] }, "ask"],
      ["npm run build --script-shell=./x", { allow: ["bash(npm:*)"] }, "ask"],
      ["git commit -m x", { allow: ["bash(git:*)"] }, "allow"],
      ["git -c core.pager=x log", { allow: ["bash(git:*)"] }, "ask"],
      ["git log --output=x", { allow: ["bash(git:*)"] }, "ask"],
      ["find . -delete", { allow: ["bash(find:*)"] }, "ask"],
      ["make build", { allow: ["bash"] }, "allow"],
      ["make build", { allow: ["*"] }, "allow"],
      ["make build", { allow: ["*"], ask: ["bash(make:*)"] }, "ask"],
      ["make build", { allow: ["*"], ask: ["bash(make)"] }, "ask"],
      ["make build", { allow: ["bash(make build)"], deny: ["bash(make:*)"] }, "deny"],
      ["make build", { allow: ["*"], deny: ["*"] }, "deny"],
      ["FOO=1 make", { allow: ["bash(FOO=1 make)"] }, "allow"],
      ["FOO=2 make", { allow: ["bash(FOO=1 make)"] }, "ask"],
      ["python3 -c 'print(1)'", { allow: ["bash(python3 -c 'print(1)')"] }, "allow"],
      ["cat a.txt", { deny: ["read(a.txt)"] }, "deny"],
      ["cat src/../a.txt", { deny: ["read(a.txt)"] }, "deny"],
      ["cat outlink/secret.txt", { allow: ["*"], deny: [`read(${bench.outer}/outside/**)`] }, "deny"],
      ["cp b a.txt", { allow: ["*"], deny: ["edit(a.txt)"] }, "deny"],
      ["git -C . push --force", { allow: ["*"], deny: ["bash(git push:*)"] }, "deny"],
      ["rm -f -r x", { allow: ["*"], deny: ["bash(rm -rf:*)"] }, "deny"],
      ["rm x", { allow: ["*"], deny: ["bash(rm -rf:*)"] }, "allow"],
      ["find . -name x -exec rm {} +", { allow: ["*"], deny: ["bash(rm:*)"] }, "deny"],
      ["bash -c 'cd src; rm x'", { allow: ["*"], deny: ["bash(rm:*)"] }, "deny"],
      ["if true; then rm x; fi", { allow: ["*"], deny: ["bash(rm:*)"] }, "deny"],
      ["node x.js", { allow: ["*"], deny: ["bash(rm:*)"] }, "allow"],
      ["ls *.ts", { allow: ["*"], deny: ["bash(rm:*)"] }, "allow"],
      [`echo ${"a".repeat(70_000)}`, { allow: ["*"], deny: ["bash(rm:*)"] }, "deny"],
      [`echo ${"a".repeat(70_000)}`, { allow: ["bash(echo:*)"] }, "ask"],
    ];
    for (const [command, lists, expected] of rows)
      assert.equal(
        bench.judgeCommand(command, "ask", lists),
        expected,
        `${command.slice(0, 60)} ${JSON.stringify(lists)}`,
      );
    assert.equal(bench.judgeFile("edit", "src/deep/a.ts", "ask", { allow: ["edit(src/**)"] }).decision, "allow");
    assert.equal(bench.judgeFile("edit", "lib/a.ts", "ask", { allow: ["edit(src/**)"] }).decision, "ask");
    assert.equal(bench.judgeFile("edit", "src/a.ts", "auto", { deny: ["edit(src)"] }).decision, "deny");
    assert.equal(
      bench.judgeFile("read", "deep/.env.local", "auto", { allow: ["*"], deny: ["read(.env*)"] }).decision,
      "deny",
    );
    assert.equal(bench.judgeFile("read", ".env", "ask", { allow: ["read"] }).decision, "ask");
    assert.equal(bench.judgeFile("read", ".env", "ask", { allow: ["read(.env)"] }).decision, "allow");
    assert.equal(
      bench.judgeFile("read", "../outside/secret.txt", "ask", { allow: [`read(${bench.outer}/outside/**)`] }).decision,
      "allow",
    );
    const page = (url: string, lists: RuleLists) =>
      bench.judge({ tool: "fetch", kind: "fetch", accesses: [{ kind: "fetch", url }] }, "ask", lists).decision;
    assert.equal(page("https://docs.example.com/a", { allow: ["fetch(domain:docs.example.com)"] }), "allow");
    assert.equal(page("https://docs.example.com.evil.net/", { allow: ["fetch(domain:docs.example.com)"] }), "ask");
    assert.equal(page("https://docs.example.com@evil.net/", { allow: ["fetch(domain:docs.example.com)"] }), "ask");
    assert.equal(page("https://a.example.com/", { allow: ["*"], deny: ["fetch(domain:example.com)"] }), "deny");
    const long = `https://docs.example.com/a?q=${"x".repeat(200)}`;
    assert.equal(page(long, { allow: ["*"] }), "ask");
    assert.equal(page(long, { allow: ["fetch(domain:docs.example.com)"] }), "allow");
    assert.equal(page(long, { allow: ["*"], deny: ["fetch"] }), "deny");
    const plugin = (lists: RuleLists) =>
      bench.judge({ tool: "jira__delete", kind: "other", accesses: [] }, "ask", lists).decision;
    assert.deepEqual(
      [plugin({ allow: ["jira__*"] }), plugin({ allow: ["jira_*"], deny: ["JIRA__*"] }), plugin({ allow: ["jir__*"] })],
      ["allow", "deny", "ask"],
    );
  });

  it("offers a prefix rule for a program with a subcommand and the exact line for everything else", () => {
    const rows: [string, string | undefined][] = [
      ["npm test", "bash(npm test)"],
      ["npm install lodash", "bash(npm install lodash)"],
      ["npm run build -- -x", "bash(npm run build -- -x)"],
      ["cargo test", "bash(cargo test:*)"],
      ["git commit -m x", "bash(git commit:*)"],
      ["git push origin main", "bash(git push origin main)"],
      ["docker run alpine ls", "bash(docker run alpine ls)"],
      ["helm list", "bash(helm list:*)"],
      ["helm repo add a b", "bash(helm repo add:*)"],
      ["terraform plan", "bash(terraform plan:*)"],
      ["terraform destroy", "bash(terraform destroy)"],
      ["gh pr view 3", "bash(gh pr view:*)"],
      ["python setup.py test", "bash(python setup.py test)"],
      ["make", "bash(make)"],
      ["./build.sh now", "bash(./build.sh now)"],
      ["bash -c 'a b'", "bash(bash -c 'a b')"],
      ["python -c 'x'", "bash(python -c 'x')"],
      ["node run", "bash(node run)"],
      ["env a", "bash(env a)"],
      ["xargs a", "bash(xargs a)"],
      ["sudo make", "bash(sudo make)"],
      ["ssh host", "bash(ssh host)"],
      ["npx thing", "bash(npx thing)"],
      ["find . -exec a {} +", "bash(find . -exec a {} +)"],
      ["git -c a=b log", "bash(git -c a=b log)"],
      ["sort -o x a.txt", "bash(sort -o x a.txt)"],
      ["A=1 b", "bash(A=1 b)"],
      ["echo hi > .npmrc", undefined],
    ];
    for (const [command, expected] of rows) {
      const decision = bench.judge(bench.toCall(command), "ask");
      assert.deepEqual([decision.decision, decision.always], ["ask", expected], command);
      if (expected !== undefined)
        assert.equal(bench.judgeCommand(command, "ask", { allow: [expected] }), "allow", expected);
    }
    assert.equal(bench.judge(bench.toCall("make a && make b"), "ask").always, undefined);
    const edit = bench.judgeFile("edit", "src/[a].ts", "ask");
    assert.equal(bench.judgeFile("edit", "src/[a].ts", "ask", { allow: [edit.always ?? ""] }).decision, "allow");
    assert.equal(bench.judgeFile("edit", "src/a.ts", "ask", { allow: [edit.always ?? ""] }).decision, "ask");
  });

  it("decides quickly on adversarial lines", () => {
    const many = 20_000;
    const lines = [
      `env ${"a ".repeat(many)}p1`,
      `p1 ${":".repeat(many)}`,
      `p1 ${"a/".repeat(many)}`,
      `p1 ${"../".repeat(many)}`,
      `p1 {${",".repeat(many)}`,
      `sed -n '${"/a".repeat(many)}' x`,
      `awk '{print ${"$1  ".repeat(many)}!}' x`,
      `${"cd a; ".repeat(400)}cat x`,
      "$(".repeat(2000),
      "(".repeat(many),
      "cat <<A\n".repeat(2000),
      `cat ${"?*".repeat(20)} `.repeat(400),
      `bash -c '${"a/b ".repeat(12_000)}'`,
    ];
    for (const line of lines)
      assert.notEqual(bench.judgeCommand(line, "ask", { allow: ["bash(sed:*)"] }), "allow", line.slice(0, 30));
  });

  it("checks deny before ask and ask before allow rules, also for opaque lines", () => {
    const line = "echo x > src/b && echo $(p1)";
    const deny = ["edit(src/**)"];
    assert.equal(bench.judgeCommand(line, "auto", { deny }), "deny");
    assert.equal(bench.judgeCommand(line, "auto", { deny, ask: ["*"] }), "deny");
    assert.equal(bench.judgeCommand(line, "auto", { ask: ["edit(src/**)"] }), "ask");
    assert.equal(bench.judgeCommand(line, "auto", { ask: ["edit(src/**)"], allow: [`bash(${line})`] }), "ask");
  });

  it("finds protected files and secrets in shell code and behind wildcards", () => {
    const all = { allow: ["*"] };
    const asking = [
      ...["bash -c 'echo x > .git/config'", "sh -c 'cat .env'", "eval 'cat .env'", "bash -c 'echo x > .git/config' &"],
      ...["find . -exec sh -c 'echo x > .git/config' ';'", "python3 -c 'print(open(\".env\").read())'"],
      ...["echo x > .g*t/config", "cp a.txt .g?t/config", "cat .e*v", "cat .e?v && echo $HOME", "rm t*", "cat id_r*"],
      ...["echo 'echo x > .git/config' | bash", 'bash -c "echo x > .git/config; echo $?"'],
      ...["cat *.pem", "echo x > {.git,x}/config", "cp a.txt {.git,x}/config", "cat src/.e[n]v"],
    ];
    for (const line of asking) {
      assert.equal(bench.judgeCommand(line, "auto"), "ask", line);
      assert.equal(bench.judgeCommand(line, "ask", all), "ask", line);
    }
    for (const line of ["eval 'echo x > tutti.jsonc'", "node -e 'fs.writeFileSync(\"tutti.jsonc\", x)'"])
      assert.equal(bench.judgeCommand(line, "auto", all), "deny", line);
    assert.equal(bench.judgeCommand("bash -c 'rm src/a.ts'", "auto", { deny: ["edit(src/**)"] }), "deny");
    assert.equal(bench.judgeCommand("bash -c 'rm src/a.ts'", "auto", { ask: ["edit(src/**)"] }), "ask");
    const plain = [
      ...["bash -c 'npm test'", "sh -c 'ls /tmp'", "awk '/foo/ {print $1}' a.txt", "node -e 'console.log(1)'"],
      ...["rm -rf dist/*", "ls *.json", "cat src/*.ts", "for f in src/*; do wc -l $f; done", "echo hi > out-*.txt"],
    ];
    for (const line of plain) assert.equal(bench.judgeCommand(line, "auto"), "allow", line);
  });

  it("returns the reason of each part, as the command prints it", async () => {
    const rules = { permissions: { allow: ["bash(npm test)"], deny: ["bash(rm:*)"] } };
    assert.deepEqual(await checkCommand(rules, "npm test && rm x", bench.paths), {
      decision: "deny",
      reason: "the rule bash(rm:*) forbids it",
      parts: [
        { command: "npm test", decision: "allow", rule: "bash(npm test)" },
        { command: "rm x", decision: "deny", rule: "bash(rm:*)" },
      ],
    });
    assert.deepEqual(await checkCommand({}, "ls", bench.paths), {
      decision: "allow",
      reason: "it only reads in the workspace",
      parts: [{ command: "ls", decision: "allow", rule: null }],
    });
    await assert.rejects(checkCommand([], "ls", bench.paths), /must be an object/);
    await assert.rejects(
      checkCommand({ permissions: { mode: "yolo" } }, "ls", bench.paths),
      /write one of plan, ask, edit, auto/,
    );
    await assert.rejects(checkCommand({ permissions: { deny: ["bash("] } }, "ls", bench.paths), /is not a rule/);
  });
});

/** Decisions: modes, rules, places and laws, with a folder that has links, secrets and files that decide what runs. Long because all share that folder. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { CallKind } from "../../../protocol/events.ts";
import { checkCommand } from "../../../server/permission/check.ts";
import { type Grammar, loadGrammar } from "../../../server/permission/grammar.ts";
import type { Places } from "../../../server/permission/places.ts";
import { type Call, decide, type Judgement, type Mode } from "../../../server/permission/policy.ts";
import type { Want } from "../../../server/ports.ts";
import { realPath } from "../../../server/workspace/real.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const modes: Mode[] = ["plan", "ask", "edit", "auto"];
const rank = { allow: 0, ask: 1, deny: 2 };

describe("permissions", () => {
  let grammar: Grammar;
  const outer = realpathSync(mkdtempSync(join(tmpdir(), "tutti-policy-")));
  const root = join(outer, "workspace");
  const places = {
    root,
    home: "/home/someone",
    own: ["/home/someone/.config/tutti", "/home/someone/.local/share/tutti"],
    real: (path: string) => realPath(path),
    gitDoubt: () => null,
  };
  before(async () => {
    grammar = await loadGrammar();
    for (const folder of ["workspace/src", "workspace/.git", "outside"])
      mkdirSync(join(outer, folder), { recursive: true });
    for (const file of ["workspace/a.txt", "workspace/.env", "outside/secret.txt"])
      writeFileSync(join(outer, file), "x");
    symlinkSync("../outside", join(root, "outlink"));
    symlinkSync("outlink", join(root, "chain"));
    symlinkSync("../outside/not-there", join(root, "dangling"));
    symlinkSync(".env", join(root, "plain-name"));
  });
  after(() => rmSync(outer, { recursive: true }));

  type Lists = { allow?: string[]; ask?: string[]; deny?: string[] };
  const judge = (call: Call, mode: Mode, lists: Lists = {}): Judgement =>
    decide(call, { ...places, mode, rules: { allow: [], ask: [], deny: [], ...lists } }, grammar);
  const execute = (command: string): Call => ({
    tool: "bash",
    kind: "execute",
    wants: [{ kind: "execute", command, cwd: root }],
  });
  const shell = (command: string, mode: Mode, lists: Lists = {}) => judge(execute(command), mode, lists).decision;
  const want = (kind: "read" | "edit", path: string): Want => ({ kind, path: realPath(join(root, path)), shown: path });
  const file = (kind: "read" | "edit", path: string, mode: Mode, lists: Lists = {}) =>
    judge({ tool: kind === "edit" ? "write" : "read", kind, wants: [want(kind, path)] }, mode, lists);
  const inModes = (decided: (mode: Mode) => string) => modes.map(decided).join(" ");

  it("follows the mode where no rule speaks", () => {
    const rows: [string, (mode: Mode) => string, string][] = [
      ["reading", (mode) => file("read", "src/a.ts", mode).decision, "allow allow allow allow"],
      ["editing", (mode) => file("edit", "src/a.ts", mode).decision, "deny ask allow allow"],
      ["a command that reads", (mode) => shell("git status", mode), "deny allow allow allow"],
      ["a command", (mode) => shell("npm test", mode), "deny ask ask allow"],
      ["a pipe of commands", (mode) => shell("npm test 2>&1 | tail -5", mode), "deny ask ask allow"],
      ["a file written by the shell", (mode) => shell("echo hi > out.txt", mode), "deny ask ask allow"],
      ["a loop", (mode) => shell('for f in src/*; do wc -l "$f"; done', mode), "deny ask ask allow"],
      [
        "a page",
        (mode) =>
          judge({ tool: "fetch", kind: "fetch", wants: [{ kind: "fetch", url: "https://a.example/x" }] }, mode)
            .decision,
        "deny ask ask allow",
      ],
      [
        "a page whose address could carry a file away",
        (mode) =>
          judge(
            { tool: "fetch", kind: "fetch", wants: [{ kind: "fetch", url: `https://a.example/${"x".repeat(200)}` }] },
            mode,
          ).decision,
        "deny ask ask ask",
      ],
      [
        "a tool of a plugin",
        (mode) => judge({ tool: "jira__search", kind: "other", wants: [] }, mode).decision,
        "deny ask ask allow",
      ],
      [
        "thinking",
        (mode) => judge({ tool: "plan", kind: "think", wants: [{ kind: "none" }] }, mode).decision,
        "allow allow allow allow",
      ],
      [
        "a subtask",
        (mode) => judge({ tool: "task", kind: "task", wants: [] }, mode).decision,
        "allow allow allow allow",
      ],
      ["reading outside", (mode) => file("read", "../outside/secret.txt", mode).decision, "ask ask ask ask"],
      ["editing outside", (mode) => file("edit", "../outside/x", mode).decision, "deny ask ask ask"],
      ["reading through a link", (mode) => file("read", "chain/secret.txt", mode).decision, "ask ask ask ask"],
      ["writing where a link leads", (mode) => file("edit", "dangling", mode).decision, "deny ask ask ask"],
      ["a secret", (mode) => file("read", ".env", mode).decision, "ask ask ask ask"],
      ["a secret by another name", (mode) => file("read", "plain-name", mode).decision, "ask ask ask ask"],
      ["its example", (mode) => file("read", ".env.example", mode).decision, "allow allow allow allow"],
      ["a secret on the command line", (mode) => shell("cat .env", mode), "deny ask ask ask"],
      ["a secret in the history", (mode) => shell("git show HEAD:.env", mode), "deny ask ask ask"],
      ["outside on the command line", (mode) => shell("cat outlink/secret.txt", mode), "deny ask ask ask"],
      ["the home on the command line", (mode) => shell("ls ~", mode), "deny ask ask ask"],
      ["behind cd", (mode) => shell("cd src && cat ../../outside/secret.txt", mode), "deny ask ask ask"],
      [
        "an address that is none",
        (mode) => judge({ tool: "fetch", kind: "fetch", wants: [{ kind: "fetch", url: "nope" }] }, mode).decision,
        "deny deny deny deny",
      ],
    ];
    for (const [name, decided, expected] of rows) assert.equal(inModes(decided), expected, name);
  });

  it("asks before a file changes that decides what runs, whatever is allowed", () => {
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
      const edit = file("edit", path, "auto", { allow: ["*", "edit", "edit(**)"] });
      assert.equal(edit.decision, "ask", path);
      assert.match(edit.reason, /protected/);
      assert.equal(edit.always, undefined);
      for (const command of [
        `echo x > ${path}`,
        `cp a.txt ${path}`,
        `tee ${path}`,
        `for f in a; do echo $f >> ${path}; done`,
      ])
        assert.equal(shell(command, "auto", { allow: ["*", `bash(${command})`] }), "ask", command);
    }
    for (const command of [
      "git config core.hooksPath x",
      "git -c a=b config core.pager x",
      "npm config set script-shell x",
    ])
      assert.equal(shell(command, "auto"), "ask", command);
  });

  it("asks before git reads where the repository's settings could start a program", () => {
    const doubtful = { ...places, gitDoubt: () => "core.fsmonitor may start a program" };
    const lines = ["git status", "git diff && ls", "git log --oneline -5"];
    const judged = (at: Places, allow: string[] = []) =>
      lines.map(
        (line) => decide(execute(line), { ...at, mode: "ask", rules: { allow, ask: [], deny: [] } }, grammar).decision,
      );
    assert.deepEqual(judged(places), ["allow", "allow", "allow"]);
    assert.deepEqual(judged(doubtful), ["ask", "ask", "ask"]);
    assert.deepEqual(judged(doubtful, ["bash(git log:*)", "bash(git status)"]), ["allow", "ask", "ask"]);
  });

  it("never lets the agent change its own configuration", () => {
    for (const path of ["tutti.jsonc", "src/tutti.jsonc", ".tutti/tutti.jsonc"]) {
      assert.equal(file("edit", path, "auto", { allow: ["*", `edit(${path})`] }).decision, "deny", path);
      for (const command of [`echo x > ${path}`, `mv a.txt ${path}`, `sed -i s/a/b/ ${path}`])
        assert.equal(shell(command, "auto", { allow: ["*"] }), "deny", command);
    }
    assert.equal(shell("cp a.txt ~/.config/tutti/tutti.jsonc", "auto"), "deny");
    assert.equal(shell("cp a.txt /home/someone/.config/tutti/tutti.jsonc", "auto"), "deny");
    // What was granted and approved is its own, too.
    for (const name of ["trust.json", "plugins.json", "permissions.json"]) {
      const path = `/home/someone/.local/share/tutti/${name}`;
      assert.equal(shell(`echo '{}' > ${path}`, "auto", { allow: ["*"] }), "deny", name);
    }
    assert.equal(file("read", "tutti.jsonc", "ask").decision, "allow");
  });

  it("reads rules as written: exact, by first words, by path, by domain, by tool", () => {
    const rows: [string, Lists, string][] = [
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
      ["cat outlink/secret.txt", { allow: ["*"], deny: [`read(${outer}/outside/**)`] }, "deny"],
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
      assert.equal(shell(command, "ask", lists), expected, `${command.slice(0, 60)} ${JSON.stringify(lists)}`);
    assert.equal(file("edit", "src/deep/a.ts", "ask", { allow: ["edit(src/**)"] }).decision, "allow");
    assert.equal(file("edit", "lib/a.ts", "ask", { allow: ["edit(src/**)"] }).decision, "ask");
    assert.equal(file("edit", "src/a.ts", "auto", { deny: ["edit(src)"] }).decision, "deny");
    assert.equal(file("read", "deep/.env.local", "auto", { allow: ["*"], deny: ["read(.env*)"] }).decision, "deny");
    assert.equal(file("read", ".env", "ask", { allow: ["read"] }).decision, "ask");
    assert.equal(file("read", ".env", "ask", { allow: ["read(.env)"] }).decision, "allow");
    assert.equal(
      file("read", "../outside/secret.txt", "ask", { allow: [`read(${outer}/outside/**)`] }).decision,
      "allow",
    );
    const page = (url: string, lists: Lists) =>
      judge({ tool: "fetch", kind: "fetch", wants: [{ kind: "fetch", url }] }, "ask", lists).decision;
    assert.equal(page("https://docs.example.com/a", { allow: ["fetch(domain:docs.example.com)"] }), "allow");
    assert.equal(page("https://docs.example.com.evil.net/", { allow: ["fetch(domain:docs.example.com)"] }), "ask");
    assert.equal(page("https://docs.example.com@evil.net/", { allow: ["fetch(domain:docs.example.com)"] }), "ask");
    assert.equal(page("https://a.example.com/", { allow: ["*"], deny: ["fetch(domain:example.com)"] }), "deny");
    const long = `https://docs.example.com/a?q=${"x".repeat(200)}`;
    assert.equal(page(long, { allow: ["*"] }), "ask");
    assert.equal(page(long, { allow: ["fetch(domain:docs.example.com)"] }), "allow");
    assert.equal(page(long, { allow: ["*"], deny: ["fetch"] }), "deny");
    const plugin = (lists: Lists) => judge({ tool: "jira__delete", kind: "other", wants: [] }, "ask", lists).decision;
    assert.deepEqual(
      [plugin({ allow: ["jira__*"] }), plugin({ allow: ["jira_*"], deny: ["JIRA__*"] }), plugin({ allow: ["jir__*"] })],
      ["allow", "deny", "ask"],
    );
  });

  it("offers to keep a beginning for ordinary programs and the exact line for everything else", () => {
    const rows: [string, string | undefined][] = [
      ["npm install lodash", "bash(npm install:*)"],
      ["npm run build -- -x", "bash(npm run build:*)"],
      ["cargo test", "bash(cargo test:*)"],
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
      const judged = judge(execute(command), "ask");
      assert.deepEqual([judged.decision, judged.always], ["ask", expected], command);
      if (expected !== undefined) assert.equal(shell(command, "ask", { allow: [expected] }), "allow", expected);
    }
    assert.equal(judge(execute("make a && make b"), "ask").always, undefined);
    const edit = file("edit", "src/[a].ts", "ask");
    assert.equal(file("edit", "src/[a].ts", "ask", { allow: [edit.always ?? ""] }).decision, "allow");
    assert.equal(file("edit", "src/a.ts", "ask", { allow: [edit.always ?? ""] }).decision, "ask");
  });

  it("is not worn out by lines that are made to", () => {
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
      `cat ${"?*".repeat(20)}x `.repeat(400),
      `bash -c '${"a/b ".repeat(12_000)}'`,
    ];
    for (const line of lines)
      assert.notEqual(shell(line, "ask", { allow: ["bash(sed:*)"] }), "allow", line.slice(0, 30));
  });

  it("forbids before it asks, and asks before it allows, also where a line cannot be judged part by part", () => {
    const line = "echo x > src/b && echo $(p1)";
    const deny = ["edit(src/**)"];
    assert.equal(shell(line, "auto", { deny }), "deny");
    assert.equal(shell(line, "auto", { deny, ask: ["*"] }), "deny");
    assert.equal(shell(line, "auto", { ask: ["edit(src/**)"] }), "ask");
    assert.equal(shell(line, "auto", { ask: ["edit(src/**)"], allow: [`bash(${line})`] }), "ask");
  });

  it("finds protected files and secrets in code that a shell is given, and behind wildcards", () => {
    const all = { allow: ["*"] };
    const asked = [
      ...["bash -c 'echo x > .git/config'", "sh -c 'cat .env'", "eval 'cat .env'", "bash -c 'echo x > .git/config' &"],
      ...["find . -exec sh -c 'echo x > .git/config' ';'", "python3 -c 'print(open(\".env\").read())'"],
      ...["echo x > .g*t/config", "cp a.txt .g?t/config", "cat .e*v", "cat .e?v && echo $HOME", "rm t*", "cat id_r*"],
      ...["echo 'echo x > .git/config' | bash", 'bash -c "echo x > .git/config; echo $?"'],
      ...["cat *.pem", "echo x > {.git,x}/config", "cp a.txt {.git,x}/config", "cat src/.e[n]v"],
    ];
    for (const line of asked) {
      assert.equal(shell(line, "auto"), "ask", line);
      assert.equal(shell(line, "ask", all), "ask", line);
    }
    for (const line of ["eval 'echo x > tutti.jsonc'", "node -e 'fs.writeFileSync(\"tutti.jsonc\", x)'"])
      assert.equal(shell(line, "auto", all), "deny", line);
    assert.equal(shell("bash -c 'rm src/a.ts'", "auto", { deny: ["edit(src/**)"] }), "deny");
    assert.equal(shell("bash -c 'rm src/a.ts'", "auto", { ask: ["edit(src/**)"] }), "ask");
    const plain = [
      ...["bash -c 'npm test'", "sh -c 'ls /tmp'", "awk '/foo/ {print $1}' a.txt", "node -e 'console.log(1)'"],
      ...["rm -rf dist/*", "ls *.json", "cat src/*.ts", "for f in src/*; do wc -l $f; done", "echo hi > out-*.txt"],
    ];
    for (const line of plain) assert.equal(shell(line, "auto"), "allow", line);
  });

  it("says why, part by part, in the shape of the command line tool", async () => {
    const rules = { permissions: { allow: ["bash(npm test)"], deny: ["bash(rm:*)"] } };
    assert.deepEqual(await checkCommand(rules, "npm test && rm x", places), {
      decision: "deny",
      reason: "the rule bash(rm:*) forbids it",
      parts: [
        { command: "npm test", decision: "allow", rule: "bash(npm test)" },
        { command: "rm x", decision: "deny", rule: "bash(rm:*)" },
      ],
    });
    assert.deepEqual(await checkCommand({}, "ls", places), {
      decision: "allow",
      reason: "it only reads in the workspace",
      parts: [{ command: "ls", decision: "allow", rule: null }],
    });
    await assert.rejects(checkCommand([], "ls", places), /must be an object/);
    await assert.rejects(
      checkCommand({ permissions: { mode: "yolo" } }, "ls", places),
      /write one of plan, ask, edit, auto/,
    );
    await assert.rejects(checkCommand({ permissions: { deny: ["bash("] } }, "ls", places), /is not a rule/);
  });

  describe(`laws (seed ${seed})`, () => {
    const rule = fc.constantFrom(
      "*",
      "bash",
      "bash(p1:*)",
      "bash(p1)",
      "bash(ls:*)",
      "bash(p2 a)",
      "bash(env:*)",
      "read",
      "read(*.txt)",
      "edit(src/**)",
      "edit",
      "fetch(domain:a.example)",
      "other__*",
      "bash(p1 a && ls)",
    );
    const lists = fc.record({
      allow: fc.array(rule, { maxLength: 3 }),
      ask: fc.array(rule, { maxLength: 2 }),
      deny: fc.array(rule, { maxLength: 2 }),
    });
    const mode = fc.constantFrom(...modes);
    const command = fc
      .array(
        fc.constantFrom(
          "p1 a",
          "p2 a",
          "ls",
          "env p1 a",
          "p1 'x y'",
          "cat a.txt",
          "echo $(p1)",
          "bash -c 'p1 a'",
          "echo x > src/b",
          "p1 ../x",
          "xargs p1",
          "cat .env",
          "for f in a; do p1; done",
          "./p1 a",
          "node -e 1",
        ),
        { minLength: 1, maxLength: 3 },
      )
      .map((pieces) => pieces.join(" && "));
    const path = fc.constantFrom("a.txt", "src/a.ts", ".env", "../outside/x", ".git/config", "tutti.jsonc", "chain/x");
    const call: fc.Arbitrary<Call> = fc.oneof(
      command.map(execute),
      fc
        .tuple(fc.constantFrom("read", "edit") as fc.Arbitrary<"read" | "edit">, path)
        .map(([kind, shown]) => ({ tool: kind, kind, wants: [want(kind, shown)] })),
      fc.constant<Call>({ tool: "fetch", kind: "fetch", wants: [{ kind: "fetch", url: "https://a.example/" }] }),
      fc.constantFrom<CallKind>("other", "task").map((kind) => ({ tool: "other__thing", kind, wants: [] })),
    );

    it("one more deny or ask rule never makes a decision milder, one more allow rule never makes it stricter than a deny", () => {
      fc.assert(
        fc.property(call, mode, lists, rule, (one, how, given, extra) => {
          const now = rank[judge(one, how, given).decision];
          assert.ok(rank[judge(one, how, { ...given, deny: [...given.deny, extra] }).decision] >= now);
          assert.ok(rank[judge(one, how, { ...given, ask: [...given.ask, extra] }).decision] >= now);
          const more = judge(one, how, { ...given, allow: [...given.allow, extra] }).decision;
          assert.equal(more === "deny", now === rank.deny);
        }),
        { seed, numRuns: 400 },
      );
    });

    it("a line with a forbidden program is never allowed, and plain ones are denied", () => {
      const hidden = fc.constantFrom(
        "p9 a",
        "/usr/bin/p9 a",
        "'p9' a",
        "p\\9",
        "env p9",
        "nohup nice p9",
        "sudo -u x p9",
        "xargs p9",
        "timeout 5 p9",
        "find . -exec p9 {} +",
        "busybox p9",
        "sh -c 'p9 a'",
        "env A=1 p9",
        "command p9",
      );
      fc.assert(
        fc.property(command, hidden, mode, lists, (line, forbidden, how, given) => {
          const deny = [...given.deny, "bash(p9:*)"];
          assert.notEqual(shell(`${line}; ${forbidden}`, how, { ...given, deny }), "allow");
          assert.equal(shell(forbidden, how, { ...given, deny }), "deny");
        }),
        { seed, numRuns: 300 },
      );
    });

    it("a more careful mode is never milder", () => {
      fc.assert(
        fc.property(call, lists, (one, given) => {
          const ranks = (["ask", "edit", "auto"] as const).map((how) => rank[judge(one, how, given).decision]);
          assert.deepEqual(
            ranks,
            ranks.toSorted((a, b) => b - a),
          );
        }),
        { seed, numRuns: 200 },
      );
    });

    it("any text at all gets a decision, and garbage is never allowed where nothing is", () => {
      fc.assert(
        fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
          assert.notEqual(shell(`p1 ${text}`, "ask"), "allow");
          assert.notEqual(shell(`${text}; p1`, "edit", { allow: ["bash(ls:*)"] }), "allow");
        }),
        { seed, numRuns: 500 },
      );
    });
  });
});

/** `tutti review`: findings of a change in a git repository, as text and as JSON, with exit codes for CI. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answer, type Script, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { callTools, endpointFlags, type Home, type Outcome, useHomes } from "../help/tutti.ts";

const finding = (file: string, line: number, severity = "error", more: object = {}) => ({
  file,
  line,
  endLine: null,
  severity,
  title: `Fault in ${file}`,
  message: "It fails for 0.",
  suggestion: null,
  ...more,
});
const respond = (findings: unknown[], summary = "Looked at everything."): Script =>
  answer(JSON.stringify({ findings, summary }));

interface Report {
  type: string;
  version: number;
  base: { kind: string; name?: string; commit: string | null };
  findings: { file: string; line: number; severity: string; problem?: string }[];
  summary: string;
  files: string[];
  omitted: { file: string; reason: string }[];
  is_error: boolean;
  error?: { code: string };
  response?: string;
  usage: { input_tokens: number };
}

describe("tutti review", function () {
  this.timeout(60_000);
  let home: Home;
  let endpoint: ScriptedEndpoint | undefined;
  useHomes(
    (fresh) => {
      home = fresh;
    },
    async () => {
      await endpoint?.close();
      endpoint = undefined;
    },
  );
  const git = (...words: string[]): string =>
    execFileSync("git", ["-C", home.work, "-c", "user.name=a", "-c", "user.email=a@b", ...words], {
      env: home.env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  const write = (path: string, text: string): void => {
    mkdirSync(join(home.work, path, ".."), { recursive: true });
    writeFileSync(join(home.work, path), text);
  };
  const commit = (message: string): string => {
    git("add", "--all");
    git("commit", "--quiet", "-m", message);
    return git("rev-parse", "HEAD");
  };
  const startRepository = (): void => {
    git("init", "--quiet", "--initial-branch=main");
    write("src/a.ts", "one\ntwo\nthree\n");
    write("src/gone.ts", "old\n");
    commit("first");
  };
  const review = async (scripts: Script[], ...flags: string[]): Promise<Outcome> => {
    endpoint = await scriptedEndpoint(scripts);
    return home.run(["review", ...endpointFlags(endpoint), ...flags]);
  };
  const report = ({ out }: Outcome): Report => JSON.parse(out) as Report;
  const sent = (at = 0): string => JSON.stringify(endpoint?.received[at]?.body.messages);

  it("sends staged, unstaged and untracked changes, and prints the findings worst first", async () => {
    startRepository();
    write("src/a.ts", "one\ntwo\nTHREE\nfour\n");
    write("staged.ts", "staged text\n");
    git("add", "staged.ts");
    write("new file.ts", "untracked text");
    rmSync(join(home.work, "src/gone.ts"));
    const found = await review([
      respond([
        finding("src/a.ts", 4, "hint"),
        finding("./new file.ts", 1, "error", { endLine: null, suggestion: "Check it." }),
        finding("src/gone.ts", 1, "warning"),
      ]),
    ]);
    assert.deepEqual([found.code, found.err], [0, ""]);
    assert.equal(
      found.out,
      [
        "new file.ts:1: error: Fault in ./new file.ts",
        "  It fails for 0.",
        "  Suggestion: Check it.",
        "",
        "src/gone.ts:1 (the change deletes this file): warning: Fault in src/gone.ts",
        "  It fails for 0.",
        "",
        "src/a.ts:4: hint: Fault in src/a.ts",
        "  It fails for 0.",
        "",
        "Looked at everything.",
        "3 findings: 1 error, 1 warning, 1 hint. Reviewed: The uncommitted changes, 4 files.",
        "",
      ].join("\n"),
    );
    for (const text of ["+THREE", "+staged text", "+untracked text", "-old", "Prove each finding"])
      assert.ok(sent().includes(text), text);
    assert.match(JSON.stringify(endpoint?.received[0]?.body), /"response_format":.*"findings"/);
  });

  it("prints one object as JSON, and marks findings whose place does not exist", async () => {
    startRepository();
    write("src/a.ts", "one\nTWO\n");
    const places = [finding("src/a.ts", 2), finding("src/a.ts", 9), finding("src/a.ts", 0), finding("src/b.ts", 1)];
    const outside = [
      finding("../work2/x.ts", 1),
      finding("/etc/passwd", 1),
      finding("src/a.ts", 1, "error", { endLine: 7 }),
    ];
    const found = await review([respond([...places, ...outside])], "--format", "json");
    const { findings, base, type, version, is_error, files, usage } = report(found);
    assert.deepEqual([found.code, type, version, is_error, files], [0, "review", 1, false, ["src/a.ts"]]);
    assert.deepEqual(
      findings.map(({ file, line, problem }) => [file, line, problem]),
      [
        ["src/a.ts", 2, undefined],
        ["src/a.ts", 9, "lineOutOfRange"],
        ["src/a.ts", 0, "lineOutOfRange"],
        ["src/b.ts", 1, "fileNotFound"],
        ["../work2/x.ts", 1, "fileNotFound"],
        ["/etc/passwd", 1, "fileNotFound"],
        ["src/a.ts", 1, "lineOutOfRange"],
      ],
    );
    assert.deepEqual(base, { kind: "uncommitted", commit: git("rev-parse", "HEAD") });
    assert.equal(typeof usage.input_tokens, "number");
  });

  it("reviews a branch from where it began, also if only the remote one is there, and a commit as it was", async () => {
    startRepository();
    const first = git("rev-parse", "HEAD");
    git("checkout", "--quiet", "-b", "work");
    write("src/b.ts", "1\n2\n3\n4\n5\n");
    const second = commit("second");
    rmSync(join(home.work, "src/b.ts"));
    write("src/c.ts", "c\n");
    commit("third");
    git("update-ref", "refs/remotes/origin/trunk", first);
    for (const name of ["main", "trunk"]) {
      const branch = await review([respond([finding("src/c.ts", 1)])], "--base", name, "--format", "json");
      assert.deepEqual(report(branch).base, { kind: "branch", name, commit: first });
      assert.deepEqual(report(branch).files, ["src/c.ts"]);
      await endpoint?.close();
    }
    const one = await review([respond([finding("src/b.ts", 5)])], "--commit", second.slice(0, 10), "--format", "json");
    assert.deepEqual(report(one).base, { kind: "commit", name: second.slice(0, 10), commit: first });
    assert.deepEqual(
      report(one).findings.map(({ file, problem }) => [file, problem]),
      [["src/b.ts", undefined]],
    );
    await endpoint?.close();
    const root = await review([respond([])], "--commit", first, "--format", "json");
    assert.deepEqual(report(root).files, ["src/a.ts", "src/gone.ts"]);
  });

  it("works before the first commit, and in a subfolder", async () => {
    git("init", "--quiet");
    write("deep/one.ts", "1\n");
    endpoint = await scriptedEndpoint([respond([finding("one.ts", 1), finding("deep/one.ts", 1)])]);
    const args = ["review", "--format", "json", ...endpointFlags(endpoint)];
    const { findings, base } = report(await home.run(args, { cwd: join(home.work, "deep") }));
    assert.deepEqual(base, { kind: "uncommitted", commit: null });
    assert.deepEqual(
      findings.map(({ file, problem }) => [file, problem]),
      [
        ["deep/one.ts", undefined],
        ["deep/one.ts", undefined],
      ],
    );
  });

  it("exits with 9 only where a finding is as severe as --fail-on says", async () => {
    startRepository();
    write("src/a.ts", "x\n");
    const codes: (number | null)[] = [];
    for (const [worst, failOn] of [
      ["warning", "error"],
      ["error", "error"],
      ["medium", "warning"],
      ["hint", "information"],
    ] as const) {
      codes.push((await review([respond([finding("src/a.ts", 1, worst)])], "--fail-on", failOn)).code);
      await endpoint?.close();
    }
    assert.deepEqual(codes, [0, 9, 9, 0]);
    assert.equal((await review([respond([])], "--fail-on", "hint")).code, 0);
  });

  it("asks once more for a list of findings, then fails and keeps the text", async () => {
    startRepository();
    write("src/a.ts", "x\n");
    const second = await review([answer("All good!"), respond([finding("src/a.ts", 1)])], "--format", "json");
    assert.deepEqual([second.code, report(second).findings.length], [0, 1]);
    await endpoint?.close();
    for (const text of ["I found nothing.", '{"findings": [{"file": "a"}]}', "[1]", '{"problems": []}']) {
      const { code, out, err } = await review([answer("No."), answer(text)]);
      assert.deepEqual([code, out], [7, `${text}\n`]);
      assert.match(err, /The response is not a list of findings: /);
      await endpoint?.close();
    }
    const json = await review([answer("No."), answer("Still no.")], "--format", "json", "--fail-on", "error");
    const { is_error, error, response, findings } = report(json);
    assert.deepEqual([json.code, is_error, error?.code, response, findings], [7, true, "schema", "Still no.", []]);
  });

  it("has nothing to review in a clean repository, and says what is wrong elsewhere, without a session", async () => {
    const outside = await home.run(["review"]);
    assert.equal(outside.code, 2);
    assert.match(outside.err, /not in the working tree of a git repository/);
    startRepository();
    const clean = await home.run(["review"]);
    assert.deepEqual(
      [clean.code, clean.out, clean.err],
      [0, "", "Nothing to review: there are no uncommitted changes.\n"],
    );
    const json = report(await home.run(["review", "--format", "json", "--base", "main"]));
    assert.deepEqual([json.findings, json.is_error, json.files], [[], false, []]);
    for (const [flags, message] of [
      [["--base", "nothing"], /There is no branch "nothing"/],
      [["--commit", "--output=x"], /There is no commit "--output=x"/],
      [["--base", "main", "--commit", "HEAD"], /Use only one of/],
      [["main"], /Unexpected argument main/],
    ] as const) {
      const { code, err } = await home.run([
        "review",
        ...flags.map((flag) => (flag.startsWith("--output") ? flag : flag)),
      ]);
      assert.equal(code, 2, err);
      assert.match(err, message);
    }
    assert.deepEqual(JSON.parse((await home.run(["sessions", "list", "--format", "json"])).out), []);
    assert.deepEqual(readdirSync(home.work).includes("x"), false);
  });

  it("leaves out secrets, binary files and what does not fit, and names each", async () => {
    startRepository();
    write(".env", "TOKEN=very-secret-value\n");
    write("image.bin", "a\0b");
    write("package-lock.json", `{"x": "${"y".repeat(80_000)}"}\n`);
    write("big.ts", `${"const line = 1;\n".repeat(4_000)}`);
    write("huge.ts", "x\n".repeat(400_000));
    write("src/a.ts", "small change\n");
    const found = await review([respond([])], "--format", "json");
    const { files, omitted } = report(found);
    assert.deepEqual(files, ["big.ts", "src/a.ts"]);
    assert.deepEqual(omitted, [
      { file: ".env", reason: "it may contain secrets" },
      { file: "huge.ts", reason: "it is too large" },
      { file: "image.bin", reason: "it is a binary file" },
      { file: "package-lock.json", reason: "it does not fit the context of the model" },
    ]);
    assert.ok(!sent().includes("very-secret-value"));
    assert.ok(sent().includes("package-lock.json (it does not fit the context of the model)"));
    await endpoint?.close();
    const text = await review([respond([])]);
    assert.match(text.out, /Not reviewed: \.env \(it may contain secrets\), huge\.ts \(it is too large\)/);
  });

  it("changes nothing and runs nothing, whatever the user's rules and the agent allow", async () => {
    startRepository();
    write("src/a.ts", "x\n");
    const config = { permissions: { mode: "auto", allow: ["*", "bash(touch:*)", "write(**)"] } };
    endpoint = await scriptedEndpoint([
      callTools(["write", { path: "made.txt", content: "x" }]),
      callTools(["bash", { command: "touch ran.txt", description: "x" }]),
      respond([finding("src/a.ts", 1)]),
    ]);
    const { code, out } = await home.run(
      ["review", "--format", "json", "--agent", "build", ...endpointFlags(endpoint)],
      {
        env: { TUTTI_CONFIG_CONTENT: JSON.stringify(config) },
      },
    );
    assert.deepEqual([code, (JSON.parse(out) as Report).findings.length], [0, 1]);
    assert.deepEqual(readdirSync(home.work).sort(), [".git", "src"]);
  });

  it("starts no program that a repository names, and works with hooks and file names of any kind", async () => {
    startRepository();
    const trap = join(home.root, "trap.sh");
    writeFileSync(trap, `#!/bin/sh\ntouch ${join(home.root, "trapped")}\ncat\n`);
    chmodSync(trap, 0o755);
    const names = ['quo"te.ts', "späce name.ts", "-dash.ts", "b/diff --git a.ts"];
    for (const name of names) write(name, "before\n");
    commit("names");
    git("config", "core.hooksPath", home.root);
    git("config", "core.fsmonitor", trap);
    for (const name of names) write(name, "after\ndiff --git a/x b/x\n");
    const found = await review([respond(names.map((name) => finding(name, 2)))], "--format", "json");
    assert.deepEqual(report(found).files.toSorted(), names.toSorted());
    assert.deepEqual(
      report(found).findings.map(({ problem }) => problem),
      names.map(() => undefined),
    );
    await endpoint?.close();
    git("config", "filter.x.clean", trap);
    write(".gitattributes", "*.ts filter=x\n");
    const refused = await review([respond([])]);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /git could start a program: .*filter\.clean/);
    assert.equal(readdirSync(home.root).includes("trapped"), false);
  });

  it("reads a pull request with gh, or says that it is not installed", async () => {
    startRepository();
    write("src/a.ts", "x\n");
    const missing = await home.run(["review", "--pr", "7"], { env: { PATH: "/usr/bin:/bin" } });
    assert.equal(missing.code, 2);
    assert.match(missing.err, /needs the program gh/);
    const bin = join(home.root, "bin");
    mkdirSync(bin);
    const diff = git("diff");
    writeFileSync(join(bin, "gh"), `#!/bin/sh\necho "$*" > ${join(home.root, "asked")}\ncat <<'END'\n${diff}\nEND\n`);
    chmodSync(join(bin, "gh"), 0o755);
    endpoint = await scriptedEndpoint([respond([finding("src/a.ts", 400)])]);
    const args = ["review", "--pr", "7", "--format", "json", ...endpointFlags(endpoint)];
    const found = report(await home.run(args, { env: { PATH: `${bin}:${home.env.PATH}` } }));
    assert.deepEqual([found.base, found.files], [{ kind: "pullRequest", name: "#7", commit: null }, ["src/a.ts"]]);
    assert.equal(found.findings[0]?.problem, undefined);
    assert.ok(sent().includes("+x"));
  });

  it("leaves out secrets of a pull request whose names git quotes", async () => {
    startRepository();
    // A part of a line looks like the next file where a carriage return counts as the end of a line.
    write("schlüssel/.env", "A=1\rdiff --git a/x.ts b/x.ts\nPASSWORD=hunter2\n");
    write("größe.ts", "visible\n");
    git("add", "--all");
    const bin = join(home.root, "bin");
    mkdirSync(bin);
    const diff = git("diff", "--cached");
    assert.match(diff, /\+\+\+ "b\/schl\\303/);
    writeFileSync(join(bin, "gh"), `#!/bin/sh\ncat <<'END'\n${diff}\nEND\n`);
    chmodSync(join(bin, "gh"), 0o755);
    endpoint = await scriptedEndpoint([respond([])]);
    const args = ["review", "--pr", "7", "--format", "json", ...endpointFlags(endpoint)];
    const found = report(await home.run(args, { env: { PATH: `${bin}:${home.env.PATH}` } }));
    assert.deepEqual(found.files, ["größe.ts"]);
    assert.ok(sent().includes("+visible"));
    assert.ok(!sent().includes("hunter2"));
  });
});

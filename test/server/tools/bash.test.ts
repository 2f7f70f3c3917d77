import assert from "node:assert/strict";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { bash } from "../../../server/tools/bash.ts";
import { openToolBench, type ToolBench } from "../../help/tool-bench.ts";

describe("bash", () => {
  let bench: ToolBench;
  beforeEach(async () => {
    bench = await openToolBench();
  });
  afterEach(() => bench.close());
  const parse = (input: unknown) => {
    const read = bash.parse(input);
    return read.ok ? read.input : read.problem;
  };

  it("runs in the workspace and returns output and exit code", async () => {
    const good = await bench.call(bash, { command: "pwd; [[ a == a ]] && echo bash" });
    assert.deepEqual(good, { ok: true, output: `${bench.cwd}\nbash` });
    const bad = await bench.call(bash, { command: "echo no >&2; exit 4" });
    assert.deepEqual(bad, { ok: false, output: "no\n(exit code 4)" });
    assert.deepEqual(await bench.call(bash, { command: "true" }), { ok: true, output: "(no output)" });
  });

  for (const command of [
    "sleep 61 > /dev/null & echo up",
    "setsid sleep 61 & echo up",
    "(nohup sleep 61 > /dev/null 2>&1 &) ; echo up",
  ])
    it(`says which process it ended, and how to keep one: ${command}`, async () => {
      const { ok, output } = await bench.call(bash, { command });
      assert.ok(ok);
      assert.match(output, /^up\n\(stopped, because .*: sleep 61\. To keep one running, start it with background\.\)$/);
    });

  it("says nothing of processes that end with the command, or by themselves", async () => {
    for (const command of ["seq 3 | cat > /dev/null; echo up", "true & wait; echo up", "echo up > >(cat)"])
      assert.deepEqual(await bench.call(bash, { command }), { ok: true, output: "up" });
  });

  it("requests access for the exact command in the real folder", async () => {
    await mkdir(join(bench.cwd, "sub"));
    await symlink("sub", join(bench.cwd, "link"));
    const plan = await bench.prepare(bash, { command: "npm test\necho", cwd: "link" });
    assert.deepEqual(plan.accesses, [{ kind: "execute", command: "npm test\necho", cwd: join(bench.cwd, "sub") }]);
    assert.equal(plan.title, "npm test …");
    assert.match(plan.preview ?? "", /^npm test\necho\n\(in link → sub\)$/);
    assert.equal((await bench.call(bash, { command: "pwd", cwd: "link" })).output, join(bench.cwd, "sub"));
  });

  it("makes hidden characters of a command visible in the preview", async () =>
    assert.equal(
      (await bench.prepare(bash, { command: "ls \u202e\x1b[8m;rm x" })).preview,
      "ls \\u{202e}\\x1b[8m;rm x".replace("\\x1b[8m", ""),
    ));

  it("accepts seconds and milliseconds, and several forms for background jobs", () => {
    const run = { kind: "run", command: "x", cwd: "." };
    assert.deepEqual(parse({ command: "x" }), { ...run, timeoutMs: 120_000 });
    assert.deepEqual(parse({ cmd: "x", timeout: "5" }), { ...run, timeoutMs: 5000 });
    assert.deepEqual(parse({ command: "x", timeout: 30_000 }), { ...run, timeoutMs: 30_000 });
    assert.deepEqual(parse({ command: "x", background: true }), { ...run, kind: "start", timeoutMs: 120_000 });
    assert.deepEqual(parse({ command: "x", background: false }), { ...run, timeoutMs: 120_000 });
    assert.deepEqual(parse({ job: "list" }), { kind: "list" });
    assert.deepEqual(parse({ background: "list" }), { kind: "list" });
    assert.deepEqual(parse({ kill: "b1" }), { kind: "kill", id: "b1" });
    assert.equal(parse({}), 'bash: "command" is missing.');
    assert.match(String(parse({ command: "a\0b" })), /NUL/);
    assert.match(String(parse({ command: "x", timeout: "soon" })), /"timeout" must be a positive whole number/);
  });

  it("reports a timeout with the output until then", async () => {
    const input = { kind: "run" as const, command: "echo so far; exec sleep 60", cwd: ".", timeoutMs: 200 };
    const result = await bash.run(input, bench.context, await bash.prepare(input, bench.context));
    assert.deepEqual(result, {
      ok: false,
      output:
        "so far\n(killed: it ran longer than 0.2 seconds; set a longer timeout, or background for servers and watchers)",
    });
  });

  it("shows control characters, drops colors, and shows an overwritten line as last written", async () => {
    const { output } = await bench.call(bash, {
      command: "printf '10%%\\r50%%\\r100%%\\n\\033[31mred\\033[0m \\033]0;t\\007\\377'",
    });
    assert.equal(output, "100%\nred \\x1b]0;t\\x07\ufffd");
  });

  it("returns the first and last part of a flood, and the file with the full output", async () => {
    const result = await bench.call(bash, { command: "seq 1 100000" });
    assert.ok(result.output.length < 31_000);
    assert.match(result.output, /^1\n2\n/);
    assert.match(result.output, /\n100000$/);
    const path = /full output: (\S+)\)/.exec(result.output)?.[1] ?? "";
    assert.equal((await readFile(path, "utf8")).split("\n").length, 100_001);
    assert.equal(result.blob, path.split("/").at(-1));
  });

  it("shows output while it runs, but not all of a flood", async () => {
    await bench.call(bash, { command: "printf 'one\\rtwo\\033[2J\\n'; head -c 3000000 /dev/zero | tr '\\0' 'x'" });
    assert.match(bench.live.join(""), /^one\ntwo\\x1b\[2J\n/);
    assert.ok(bench.live.join("").length < 200_000);
  });

  it("starts, lists and kills background commands", async () => {
    assert.equal(
      (await bench.call(bash, { command: "exec sleep 60", background: true })).output,
      'Started in the background as b1. job "list" shows its output, job "b1" kills it.',
    );
    assert.match((await bench.call(bash, { job: "list" })).output, /^b1 \(running\): exec sleep 60/);
    assert.equal((await bench.call(bash, { job: "b1" })).output, "Killed b1.");
    assert.match((await bench.call(bash, { job: "list" })).output, /^b1 \(killed\)/);
    assert.match((await bench.call(bash, { job: "b1" })).output, /no running background command "b1"/);
  });

  it("ends commands that wait for input at once", async () => {
    const { output } = await bench.call(bash, {
      command:
        "git init -q . && git -c user.name=a -c user.email=b commit --allow-empty; echo git $?; read x; echo read $?; cat; echo cat $?",
    });
    assert.match(output, /read 1\ncat 0/);
    assert.match(output, /git 1/);
  });
});

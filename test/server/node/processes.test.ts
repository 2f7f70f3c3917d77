import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openBlobs } from "../../../server/node/blobs.ts";
import { findRipgrep } from "../../../server/node/find-ripgrep.ts";
import { openProcesses } from "../../../server/node/processes.ts";
import type { ProcessSpec } from "../../../server/ports.ts";
import { redactor } from "../../help/redactor.ts";

/** A zombie does not count as alive. */
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

/** Waits until the process has ended; fails after the timeout. */
async function waitForExit(pid: number, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs;
  while (alive(pid)) {
    assert.ok(performance.now() < end, `process ${pid} is still alive after ${withinMs} ms`);
    await sleep(20);
  }
}

const numbers = (text: string) => [...text.matchAll(/\d+/g)].map(Number);

describe("processes", () => {
  let root: string;
  const processes = openProcesses({ ripgrep: () => findRipgrep(), env: process.env, redactor });
  before(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), "tutti-processes-")));
    await writeFile(join(root, "blobs-is-a-file"), "");
  });
  after(async () => {
    await processes.close();
    await rm(root, { recursive: true, force: true });
  });
  const sh = (command: string, more: Partial<ProcessSpec> = {}) =>
    processes.run({ argv: ["/bin/sh", "-c", command], cwd: root, ...more });

  it("returns the exit code and both streams in the order written", async () => {
    const end = await sh("echo a; echo b >&2; echo c; exit 3");
    assert.deepEqual(end, { head: "a\nb\nc\n", tail: "", bytes: 6, omitted: 0, code: 3, reason: "exited" });
  });

  it("passes arguments unchanged, without a shell", async () => {
    const end = await processes.run({ argv: ["printf", "%s|", "$HOME", "a b", "`id`", ""], cwd: root });
    assert.equal(end.head, "$HOME|a b|`id`||");
  });

  it("hides variables of the editor and of Electron from commands", async () => {
    const names = ["ELECTRON_RUN_AS_NODE", "VSCODE_IPC_HOOK_CLI", "VSCODE_GIT_ASKPASS_NODE"];
    for (const name of names) process.env[name] = "1";
    const end = await sh("env").finally(() => {
      for (const name of names) delete process.env[name];
    });
    assert.match(end.head, /^PATH=/m);
    assert.doesNotMatch(end.head, /ELECTRON|VSCODE/);
  });

  it("has no terminal and no input", async () => {
    const end = await sh("read line; echo read ended $?; tty; : </dev/tty && echo terminal");
    assert.match(end.head, /read ended 1/);
    assert.match(end.head, /not a tty/);
    assert.doesNotMatch(end.head, /^terminal/m);
  });

  it("passes input, also to a command that does not read it", async () => {
    assert.equal((await sh("cat", { stdin: "hello" })).head, "hello");
    assert.equal((await sh("exit 0", { stdin: "x".repeat(1_000_000) })).code, 0);
  });

  it("keeps the output before a timeout, and kills a process that ignores TERM", async () => {
    const end = await sh("trap '' TERM; echo $$; while :; do sleep 0.1; done", { timeoutMs: 250 });
    assert.equal(end.reason, "timeout");
    assert.equal(end.code, null);
    await waitForExit(numbers(end.head)[0] ?? 0, 2000);
  });

  it("kills a command when its call is cancelled", async () => {
    const stop = new AbortController();
    const end = await sh("echo $$; exec sleep 60", { signal: stop.signal, onOutput: () => stop.abort() });
    assert.equal(end.reason, "cancelled");
    await waitForExit(numbers(end.head)[0] ?? 0, 2000);
    assert.equal((await sh("echo never", { signal: stop.signal })).bytes, 0);
  });

  it("returns when the command itself has ended, and kills its child processes", async () => {
    const end = await sh(
      "sleep 60 & echo $!; nohup sh -c 'echo $$; exec sleep 61' & setsid sh -c 'echo $$; exec sleep 62' & wait_for() { sleep 0.15; }; wait_for",
    );
    assert.equal(end.reason, "exited");
    const left = numbers(end.head);
    assert.equal(left.length, 3, end.head);
    for (const pid of left) await waitForExit(pid, 2500);
  });

  if (process.platform === "linux")
    for (const [how, child] of Object.entries({
      "without its environment": "env -i setsid sh -c 'echo $$; exec sleep 65'",
      "as a daemon of two forks": "env -i setsid sh -c '(setsid sh -c \"echo \\$\\$; exec sleep 65\" &) ; exit'",
      "with a limit that it set itself": "env -i setsid sh -c 'ulimit -S -w 5; echo $$; exec sleep 65'",
      "that ignores signals": "env -i setsid sh -c 'trap \"\" TERM HUP; echo $$; while :; do sleep 0.2; done'",
    }))
      it(`kills a child process ${how}`, async () => {
        const end = await sh(`rm -f pid; ${child} > pid & while ! [ -s pid ]; do sleep 0.02; done; cat pid`);
        const [pid] = numbers(end.head);
        assert.ok(pid, end.head);
        await waitForExit(pid, 3000);
      });

  it("describes a missing folder or program", async () => {
    const missing = await sh("true", { cwd: join(root, "no") });
    assert.equal(missing.reason, "failed");
    assert.match(missing.head, /does not exist/);
    assert.equal((await processes.run({ argv: ["no-such-program"], cwd: root })).code, 127);
  });

  it("keeps the first and last part of large output, and the full output on disk", async () => {
    const blobs = openBlobs(join(root, "blobs"), redactor.text);
    const end = await sh("seq 1 200000", { blobs });
    assert.ok(end.head.startsWith("1\n2\n"));
    assert.ok(end.tail.endsWith("199999\n200000\n"));
    assert.ok(end.head.length + end.tail.length <= 30_000);
    assert.equal(end.head.length + end.tail.length + end.omitted, end.bytes);
    const whole = await readFile(blobs.path(end.blob ?? ""), "utf8");
    assert.equal(whole, Array.from({ length: 200_000 }, (_, index) => `${index + 1}\n`).join(""));
  });

  it("continues without the full output if the disk fails", async () => {
    const end = await sh("seq 1 200000", { blobs: openBlobs(join(root, "blobs-is-a-file", "x"), redactor.text) });
    assert.equal(end.code, 0);
    assert.equal(end.blob, undefined);
    assert.ok(end.tail.endsWith("200000\n"));
  });

  it("uses little memory for 300 MB of output, and stores 64 MiB", async () => {
    const blobs = openBlobs(join(root, "blobs"), redactor.text);
    const before = process.memoryUsage().rss;
    let most = before;
    const end = await sh("head -c 300000000 /dev/zero", {
      blobs,
      onOutput() {
        most = Math.max(most, process.memoryUsage().rss);
      },
    });
    assert.equal(end.bytes, 300_000_000);
    assert.ok(most - before < 120_000_000, `grew by ${most - before} bytes`);
    assert.equal((await blobs.get(end.blob ?? ""))?.length, 64 * 1024 * 1024);
  });

  it("streams output in complete characters", async () => {
    const output: string[] = [];
    await sh("printf '\\303'; sleep 0.05; printf '\\251\\377'", { onOutput: (text) => output.push(text) });
    assert.equal(output.join(""), "é\ufffd");
  });

  it("hides keys from commands under any variable name", async () => {
    const names = [
      "TUTTI_API_KEY",
      "MY_SECRET",
      "GITHUB_TOKEN",
      "DB_PASSWORD",
      "AWS_PROFILE",
      "SSH_AUTH_SOCK",
      "OPENAI_API_KEY",
    ];
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) process.env[name] = "canary-4711";
    try {
      const { head } = await sh("env");
      assert.doesNotMatch(head, /canary-4711/);
      assert.match(head, /^PATH=/m);
      assert.match(head, /^GIT_TERMINAL_PROMPT=0$/m);
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });

  it("runs commands in the background, lists them, and kills them", async () => {
    const started = Promise.withResolvers<void>();
    const { id } = await processes.background({
      argv: ["/bin/sh", "-c", "echo up $$; exec sleep 60"],
      cwd: root,
      onOutput: () => started.resolve(),
    });
    await started.promise;
    const entry = processes.listBackground().find((one) => one.id === id);
    assert.equal(entry?.running, true);
    assert.match(entry?.tail ?? "", /up \d+/);
    assert.equal(await processes.killBackground(id), true);
    assert.equal(processes.listBackground().find((one) => one.id === id)?.running, false);
    assert.equal(await processes.killBackground(id), false);
    assert.equal(await processes.killBackground("b99"), false);
    await waitForExit(numbers(entry?.tail ?? "")[0] ?? 0, 2000);
  });
});

describe("when this program is killed", () => {
  const doomed = fileURLToPath(new URL("../../help/killed-command.ts", import.meta.url));
  const command =
    "echo $$; env -i setsid sh -c 'echo $$; exec sleep 63' & (nohup sh -c 'echo $$; trap \"\" TERM; while :; do sleep 0.2; done' &) ; sleep 64";

  for (const mode of ["", "background"])
    it(`kills every command ${mode}`.trim(), async () => {
      const program = spawn(process.execPath, [doomed, command, mode], { stdio: ["ignore", "pipe", "inherit"] });
      let output = "";
      for await (const piece of program.stdout) {
        output += String(piece);
        if (numbers(output).length >= 3) break;
      }
      const pids = numbers(output);
      assert.equal(pids.length, 3, output);
      for (const pid of pids) assert.ok(alive(pid), `process ${pid} was to run`);
      program.kill("SIGKILL");
      const killed = performance.now();
      for (const pid of pids) await waitForExit(pid, killed + 2000 - performance.now());
    });
});

/** The included plugins in Tutti: added, checked and approved as a user does, and then used in a turn. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { callTools, endpointFlags, type Home, useHomes } from "../help/tutti.ts";
import { includedPlugin } from "./connect.ts";

const root = join(import.meta.dirname, "../..");
const example = join(root, "mcp-plugins/examples/python/plugin.py");

describe("included plugins in Tutti", function () {
  this.timeout(90_000);
  let home: Home;
  let endpoint: ScriptedEndpoint | undefined;
  useHomes(
    (fresh) => {
      home = fresh;
      endpoint = undefined;
    },
    () => endpoint?.close(),
  );
  const runCommand = async (args: readonly string[]): Promise<string> => {
    const { code, out, err } = await home.run(args);
    assert.equal(code, 0, `${args.join(" ")}\n${out}${err}`);
    return out;
  };
  /** Approves a plugin with the two hashes that are shown. */
  const approve = async (name: string): Promise<void> => {
    const { plugin } = JSON.parse(await runCommand(["plugins", "inspect", name, "--format", "json"]));
    const identity = ["plugins", "approve", name, "--identity", plugin.identity as string];
    const { err } = await home.run([...identity, "--digest", "?"]);
    await runCommand([...identity, "--digest", /current digest is ([0-9a-f]{64})/.exec(err)?.[1] ?? err]);
  };
  const resultsIn = (lines: readonly string[]): string[] =>
    lines
      .map((line) => JSON.parse(line))
      .flatMap(({ type, message }) => (type === "user" ? message.content : []))
      .flatMap(({ type, content }: { type: string; content: string }) => (type === "tool_result" ? [content] : []));

  it("pass the check", async () => {
    const folders = await readdir(join(root, "mcp-plugins"));
    const programs = folders
      .filter((name) => existsSync(join(root, "mcp-plugins", name, "main.ts")))
      .map(includedPlugin);
    assert.ok(programs.length >= 9);
    const examples = [
      ["python3", example],
      ["sh", join(root, "mcp-plugins/examples/shell/plugin.sh")],
    ];
    for (const argv of [...programs, ...examples]) {
      const checked = await runCommand(["plugins", "inspect", "--check", ...argv]);
      assert.match(checked, /^passed {2}initialize/);
      assert.doesNotMatch(checked, /^(failed|warning)/m);
    }
  });

  it("affect a turn: notes at its start, a formatter after an edit, a guard before a command", async () => {
    const tidy = join(home.root, "tidy");
    await writeFile(tidy, '#!/bin/sh\nprintf "tidied\\n" >>"$1"\n');
    await chmod(tidy, 0o755);
    await mkdir(join(home.work, ".tutti", "memory"), { recursive: true });
    await writeFile(join(home.work, ".tutti", "memory", "color.md"), "# Color\n\n- It is blue.\n");
    await runCommand(["plugins", "add", "memory"]);
    await runCommand(["plugins", "add", "formatter", "--env", "TUTTI_FORMATTER"]);
    await runCommand(["plugins", "add", "guard", "python3", example]);
    home.env.TUTTI_FORMATTER = `${tidy} {file}`;
    for (const name of ["memory", "formatter", "guard"]) await approve(name);
    endpoint = await scriptedEndpoint([
      callTools(["write", { path: "a.txt", content: "one\n" }]),
      callTools(["bash", { command: "rm -rf b" }]),
      callTools(["memory__remember", { topic: "Shape", text: "It is round." }]),
      answer("Done."),
    ]);
    const out = await runCommand([
      "run",
      ...endpointFlags(endpoint),
      "--mode",
      "auto",
      "--format",
      "stream-json",
      "Go",
    ]);
    const [written = "", refused = "", noted = ""] = resultsIn(out.trimEnd().split("\n"));
    assert.match(written, /\[formatter\] tidy reformatted a\.txt; read it again before you edit it\./);
    assert.match(refused, /^refused: guard: rm -rf is not allowed here/);
    assert.equal(noted, "Noted in shape.md.");
    assert.equal(await readFile(join(home.work, "a.txt"), "utf8"), "one\ntidied\n");
    assert.deepEqual((await readdir(join(home.work, ".tutti", "memory"))).toSorted(), ["color.md", "shape.md"]);
    assert.match(
      JSON.stringify(endpoint.received[0]?.body.messages),
      /Notes from earlier sessions about this project[^"]*It is blue\./,
    );
  });
});

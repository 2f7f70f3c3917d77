/** docs/plugin-authors.md is correct: its plugins run, and its messages are exactly what they send. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { colorNames } from "../../client/theme.ts";
import { declaration, hookEvents, PLUGIN_KEY, pluginRequests } from "../../protocol/plugin.ts";
import { readScenario } from "../../server/model/read-scenario.ts";
import { type Block, blocksOf } from "../docs/markdown.ts";
import { build } from "../help/build.ts";
import { start } from "./connect.ts";

const root = join(import.meta.dirname, "../..");

interface Message {
  id?: number | string;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
}

describe("docs/plugin-authors.md", function () {
  this.timeout(30_000);
  let folder: string;
  let blocks: Block[];
  before(async () => {
    build();
    folder = await mkdtemp(join(tmpdir(), "tutti-authors-"));
    blocks = blocksOf(await readFile(join(root, "docs/plugin-authors.md"), "utf8"));
    for (const { file, text } of blocks) if (file !== null) await writeFile(join(folder, file), `${text}\n`);
    await mkdir(join(folder, "node_modules"));
    await cp(join(root, "dist/plugin-sdk"), join(folder, "node_modules/tutti-plugin"), { recursive: true });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("starts with a working plugin in twelve lines", async () => {
    assert.equal(blocks.find(({ file }) => file === "dice.ts")?.text.split("\n").length, 12);
    const plugin = await start([process.execPath, join(folder, "dice.ts")]);
    try {
      assert.match((await plugin.call("roll", { sides: 6 })).text, /^[1-6] of 6$/);
      assert.equal((await plugin.call("roll", { sides: 1 })).failed, true);
    } finally {
      await plugin.close();
    }
  });

  it("has working hooks and a working widget", async () => {
    const plugin = await start([process.execPath, join(folder, "guard.ts")]);
    try {
      const call = { session: "s", cwd: "/", turn: "t", call: "c", tool: "bash", kind: "execute", title: "" };
      const decided = (command: string) => plugin.hook("tool.before", { ...call, input: { command } });
      assert.equal((await decided("git push --force")).decision, "deny");
      assert.deepEqual(await decided("git status"), {});
      assert.match(
        JSON.stringify(await plugin.hook("session.started", { session: "s", cwd: "/", reason: "new" })),
        /push/,
      );
      const place = { widget: "refused", slot: "status", width: 20, height: 1, view: null };
      const drawn = await plugin.ask("tutti/widget/render", place);
      assert.deepEqual(drawn.lines, [[{ text: "1 refused", fg: "warning" }]]);
    } finally {
      await plugin.close();
    }
  });

  it("shows the messages that its Python plugin sends", async () => {
    const lines = blocks.filter(({ language }) => language === "text").flatMap(({ text }) => text.split("\n"));
    const exchange = lines.map((line) => ({
      sent: line.startsWith("→ "),
      message: JSON.parse(line.slice(2)) as Message,
    }));
    const asked = exchange.filter(({ sent, message }) => sent && message.method !== undefined);
    assert.ok(asked.length > 10);
    const plugin = spawn("python3", [join(folder, "dice.py")], { stdio: ["pipe", "pipe", "inherit"] });
    let out = "";
    plugin.stdout.on("data", (piece) => {
      out += piece;
    });
    plugin.stdin.end(asked.map(({ message }) => `${JSON.stringify(message)}\n`).join(""));
    await once(plugin, "close");
    // The result of a roll is random.
    const still = (text: string): string => text.replace(/[12] of 2/, "1 of 2");
    const answers = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(still(line)) as Message);
    const shown = exchange.filter(({ sent, message }) => !sent && message.method === undefined);
    assert.deepEqual(
      answers,
      shown.map(({ message }) => message),
    );
  });

  it("shows only messages that match the protocol", () => {
    const text = blocks.filter(({ language }) => language === "text").map((block) => block.text);
    const messages = text
      .join("\n")
      .split("\n")
      .map((line) => JSON.parse(line.slice(2)) as Message);
    const answerTo = (id: Message["id"]): Message | undefined =>
      messages.find((message) => message.id === id && message.method === undefined);
    let count = 0;
    for (const { id, method, params } of messages) {
      const result = answerTo(id)?.result;
      if (!result) continue;
      if (method === "initialize") {
        const { experimental } = result.capabilities as { experimental: Record<string, unknown> };
        declaration.parse(experimental[PLUGIN_KEY]);
      }
      if (method === undefined || !Object.hasOwn(pluginRequests, method)) continue;
      const contract = pluginRequests[method as keyof typeof pluginRequests];
      contract.params.parse(params);
      contract.result.parse(result);
      if (method === "tutti/theme/list") {
        const [theme] = pluginRequests[method].result.parse(result).themes;
        assert.deepEqual(Object.keys(theme?.colors ?? {}).toSorted(), Object.keys(colorNames).toSorted());
      }
      count += 1;
      if (method !== "tutti/hook") continue;
      hookEvents["tool.before"].payload.strict().parse(params?.payload);
      hookEvents["tool.before"].answer.strict().parse(result);
    }
    assert.equal(count, 4);
  });

  it("has a working rehearsal", async () => {
    const scenario = await readScenario(await readFile(join(folder, "dice.jsonc"), "utf8"), "dice.jsonc");
    assert.equal(scenario.steps.length, 3);
  });
});

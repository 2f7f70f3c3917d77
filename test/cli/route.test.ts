/** Tiers on the command line and in the interfaces: `tutti route`, `--tier`, `/tier` and `/why`. */
import assert from "node:assert/strict";
import type { EventOf } from "../../protocol/events.ts";
import { assess } from "../../server/routing/assess.ts";
import { useTerminals } from "../help/screen.ts";
import {
  answer,
  chunk,
  done,
  finish,
  type Script,
  type ScriptedEndpoint,
  scriptedEndpoint,
} from "../help/scripted-endpoint.ts";
import { callTools, type Home, useHomes } from "../help/tutti.ts";

type Route = Pick<EventOf<"model.routed">, "model" | "tier" | "routing">;

const tiersAt = (baseUrl: string) => ({
  providers: { p: { baseUrl, apiKey: "k", models: { quick: {}, standard: {}, advanced: { reasoning: true } } } },
  tiers: { quick: "p/quick", standard: "p/standard", advanced: ["nobody/x", { model: "p/advanced", effort: "high" }] },
});

describe("routing on the command line", function () {
  this.timeout(60_000);
  let home: Home;
  let endpoint: ScriptedEndpoint | undefined;
  useHomes(
    (fresh) => {
      home = fresh;
    },
    async () => {
      await home.stop();
      await endpoint?.close();
      endpoint = undefined;
    },
  );
  const configure = async (...answers: string[]): Promise<{ env: Record<string, string> }> => {
    endpoint = await scriptedEndpoint(answers.map(answer));
    return { env: { TUTTI_CONFIG_CONTENT: JSON.stringify(tiersAt(endpoint.baseUrl)) } };
  };
  const models = (): unknown[] => (endpoint?.received ?? []).map(({ body }) => (body as { model?: unknown }).model);

  it("explains the tier of a task without running it", async () => {
    const how = await configure();
    const { code, out, err } = await home.run(["route", "fix the typo in README.md"], how);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^p\/quick, the quick tier, for the agent build: by the wording of the task\.\nScore -/);
    const hard = await home.run(["route", "--format", "json"], { ...how, stdin: "why does the test hang sometimes\n" });
    const { model, tier, routing } = JSON.parse(hard.out) as Route;
    assert.deepEqual([model, tier, routing?.source], ["p/advanced", "advanced", "heuristic"]);
    assert.equal(routing?.rejected[0]?.model, "nobody/x");
    const chosen = await home.run(["route", "--tier", "standard", "fix the typo"], how);
    assert.match(chosen.out, /^p\/standard, the standard tier, for the agent build: you chose it\./);
    assert.deepEqual(models(), []);
  });

  it("says that a quick model would rate the task, and sends no request", async () => {
    await configure();
    const { score } = assess("Add a form to the settings page.", { agent: "build" });
    const routing = { classifier: true, thresholds: { quick: score - 9, advanced: score + 1 } };
    const config = JSON.stringify({ ...tiersAt(endpoint?.baseUrl ?? ""), routing });
    const how = { env: { TUTTI_CONFIG_CONTENT: config } };
    const { out, code } = await home.run(["route", "Add a form to the settings page."], how);
    assert.equal(code, 0);
    assert.match(out, /^p\/standard, .*by the wording/);
    assert.match(out, /near a threshold, but no model rated the task: no request is sent here; a turn asks/);
    assert.deepEqual(models(), []);
  });

  it("shows in /why what a quick model rated a task as", async () => {
    await configure('{"tier":"advanced","confidence":0.8,"reason":"it touches every page"}', "One.");
    const { score } = assess("Add a form to the settings page.", { agent: "build" });
    const routing = { classifier: true, thresholds: { quick: score - 9, advanced: score + 1 } };
    const config = JSON.stringify({ ...tiersAt(endpoint?.baseUrl ?? ""), routing });
    const how = { env: { TUTTI_CONFIG_CONTENT: config } };
    await home.run(["run", "Add a form to the settings page."], how);
    const { out } = await home.run(["--line", "--continue"], { ...how, stdin: "/why\n" });
    assert.deepEqual(models(), ["quick", "advanced"]);
    assert.match(out, /p\/advanced, the advanced tier, for the agent build: a quick model rated the task\./);
    assert.match(out, /p\/quick rated the task as advanced \(confidence 0\.8\): it touches every page\./);
  });

  it("says the tier of a task without any configured model", async () => {
    for (const [task, tier] of [
      ["fix the typo in README.md", "quick"],
      ["Find the root cause of the deadlock.", "advanced"],
    ] as const) {
      const { code, out } = await home.run(["route", task]);
      assert.equal(code, 0);
      assert.match(out, new RegExp(`^No model is configured, the ${tier} tier, for the agent build: by the wording`));
    }
    const json = await home.run(["route", "--format", "json", "--tier", "standard", "anything"]);
    const { model, tier, routing } = JSON.parse(json.out) as Route;
    assert.deepEqual([model, tier, routing?.source], ["", "standard", "user"]);
  });

  it("prints system/init once in stream-json, though another model continues the turn", async () => {
    const { env } = await configure();
    endpoint = await scriptedEndpoint([callTools(["read", { path: "missing" }]), answer("Done.")]);
    const tiers = tiersAt(endpoint.baseUrl);
    const quick = { model: "p/quick", maxSteps: 1 };
    const config = JSON.stringify({ ...tiers, tiers: { ...tiers.tiers, quick } });
    const how = { env: { ...env, TUTTI_CONFIG_CONTENT: config } };
    const { out } = await home.run(["run", "--format", "stream-json", "fix the typo in README.md"], how);
    const lines = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; subtype?: string; tier?: string });
    const system = lines.filter(({ type, subtype }) => type === "system" && subtype !== "notice");
    assert.deepEqual(
      system.map(({ subtype, tier }) => [subtype, tier]),
      [
        ["init", "quick"],
        ["compact_boundary", undefined],
        ["model", "standard"],
      ],
    );
  });

  it("says if nothing is routed, and refuses a missing prompt", async () => {
    const plain = await home.run(["route", "anything"], { env: { TUTTI_MODEL: "rehearsal/tour" } });
    assert.match(plain.out, /Nothing was routed/);
    const empty = await home.run(["route"]);
    assert.deepEqual([empty.code, empty.out], [2, ""]);
    assert.match(empty.err, /Missing prompt/);
  });

  it("goes on with a cheaper model once the plan of a hard task works", async () => {
    let calls = 0;
    const useTool = (name: string, input: object): Script => {
      const call = {
        index: 0,
        id: `c${++calls}`,
        type: "function",
        function: { name, arguments: JSON.stringify(input) },
      };
      return { body: [chunk({ role: "assistant", tool_calls: [call] }), finish("tool_calls"), done] };
    };
    const items = ["Find the cause", "Rename foo to bar in a.txt", "Fix the typo in README.md"];
    const plan = items.map((text, at) => ({ text, state: at === 0 ? "done" : "pending" }));
    const reads = ["a", "b", "c"].map((name) => useTool("glob", { pattern: `${name}*` }));
    endpoint = await scriptedEndpoint([useTool("plan", { items: plan }), ...reads, answer("Renamed.")]);
    const how = { env: { TUTTI_CONFIG_CONTENT: JSON.stringify(tiersAt(endpoint.baseUrl)) } };
    const { out } = await home.run(["run", "--mode", "auto", "Find the root cause of the deadlock."], how);
    assert.equal(out, "Renamed.\n");
    assert.deepEqual(models(), ["advanced", "advanced", "advanced", "advanced", "quick"]);
    const messages = endpoint.received[4]?.body.messages as { role: string }[] | undefined;
    assert.deepEqual(
      messages?.map(({ role }) => role),
      ["system", "user"],
    );
    assert.match(JSON.stringify(messages?.[1]), /pending: Rename foo to bar/);
  });

  it("runs a prompt with the model of a tier, or of its task", async () => {
    const how = await configure("One.", "Two.", "Three.");
    assert.equal((await home.run(["run", "--tier", "advanced", "say hello"], how)).out, "One.\n");
    const json = await home.run(["run", "--format", "json", "fix the typo in README.md"], how);
    assert.equal((JSON.parse(json.out) as { tier?: unknown }).tier, "quick");
    assert.equal((await home.run(["run", "--model", "p/standard", "why does it deadlock"], how)).out, "Three.\n");
    assert.deepEqual(models(), ["advanced", "quick", "standard"]);
    assert.equal(JSON.stringify(endpoint?.received[0]?.body).includes('"reasoning_effort":"high"'), true);
    const both = await home.run(["run", "--tier", "quick", "--model", "p/standard", "x"], how);
    assert.equal(both.code, 2);
    assert.match(both.err, /--tier chooses a model/);
  });

  it("keeps the tier that a user chose in line mode, until it is auto", async () => {
    const how = await configure("One.", "Two.", "Three.");
    const lines = ["/tier advanced", "fix the typo", "fix the typo again", "/why", "/tier auto", "fix the typo"];
    const { out, code } = await home.run(["--line"], { ...how, stdin: `${lines.join("\n")}\n` });
    assert.equal(code, 0);
    assert.deepEqual(models(), ["advanced", "advanced", "quick"]);
    assert.match(out, /The next prompt uses the advanced tier\./);
    assert.match(out, /p\/advanced, the advanced tier, for the agent build: you chose it\./);
    const events = await home.events(await home.lastSession());
    const sources = events.flatMap(({ event }) => (event.type === "model.routed" ? [event.routing?.source] : []));
    assert.deepEqual(sources, ["user", "user", "heuristic"]);
  });
});

describe("tiers in the terminal UI", function () {
  this.timeout(60_000);
  const terminals = useTerminals();

  it("are chosen with /tier, shown in the status line, and explained by /why", async () => {
    const tiers = { quick: "rehearsal/tour", standard: "rehearsal/edit" };
    await terminals.home().run(["config", "set", "tiers", JSON.stringify(tiers)]);
    const one = await terminals.ready([], { columns: 110, rows: 30 });
    one.type("/tier quick");
    await one.waitFor(/› \/tier quick/);
    one.press("enter");
    await one.waitFor(/≡.* quick/);
    one.type("hello");
    await one.waitFor(/› hello/);
    one.press("enter");
    await one.waitFor(/≡.* rehearsal\/tour +quick/);
    await one.waitUntilSettled();
    one.type("/why");
    await one.waitFor(/› \/why/);
    one.press("enter");
    await one.waitFor(/the quick tier, for the agent build: you chose it/);
  });
});

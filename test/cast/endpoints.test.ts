/** Agents and tiers with the built program: each tier is an endpoint of its own, and requests are read off the wire. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  answer,
  type Received,
  type Script,
  type ScriptedEndpoint,
  scriptedEndpoint,
} from "../help/scripted-endpoint.ts";
import { callTools, type Home, useHomes } from "../help/tutti.ts";

const agents = ["Architect", "Engineer", "DeepResearcher", "Writer", "Pentester"] as const;
const tiers = ["quick", "standard", "advanced"] as const;
type Tier = (typeof tiers)[number];
type Say = Script | ((received: Received) => Script);

interface Chat {
  role: string;
  content: string | { text?: string }[];
}

const textOf = ({ content }: Chat): string =>
  typeof content === "string" ? content : content.map(({ text = "" }) => text).join("");
const firstPrompt = ({ body }: Received): string =>
  textOf((body.messages as Chat[]).find(({ role }) => role === "user") ?? { role: "", content: "" });

const steps = ({ body }: Received): number =>
  (body.messages as Chat[]).filter(({ role }) => role === "assistant").length;
const nameOf = (tier: Tier): string => `${tier}-model`;

describe("agents and tiers", () => {
  let home: Home;
  let endpoints: Record<Tier, ScriptedEndpoint>;
  useHomes(
    (opened) => {
      home = opened;
    },
    () => Promise.all(Object.values(endpoints).map((endpoint) => endpoint.close())),
  );

  /** One endpoint a tier; `standard` also answers the session itself. */
  async function serve(scripts: Record<Tier, Say>, more: Record<string, unknown> = {}): Promise<void> {
    const opened = await Promise.all(
      tiers.map(async (tier) => [tier, await scriptedEndpoint([scripts[tier]])] as const),
    );
    endpoints = Object.fromEntries(opened) as Record<Tier, ScriptedEndpoint>;
    const config = {
      providers: Object.fromEntries(
        tiers.map((tier) => [tier, { baseUrl: endpoints[tier].baseUrl, models: { [nameOf(tier)]: {} } }]),
      ),
      tiers: Object.fromEntries(tiers.map((tier) => [tier, `${tier}/${nameOf(tier)}`])),
      model: `standard/${nameOf("standard")}`,
      ...more,
    };
    await writeFile(join(home.root, "config.json"), JSON.stringify(config));
  }
  const run = (prompt: string, ...flags: string[]) =>
    home.run(["run", "--config", join(home.root, "config.json"), ...flags, prompt]);

  it("route each of five agents to the endpoint of the tier that the caller names, in one session", async () => {
    const tasks = agents.flatMap((agent) => tiers.map((tier) => ({ agent, tier, prompt: `${agent} at ${tier}` })));
    const subagent = (received: Received): Script =>
      answer(`From ${String(received.body.model)}: ${firstPrompt(received)}`);
    await serve({
      quick: subagent,
      advanced: subagent,
      standard: (received) => {
        if (!firstPrompt(received).startsWith("Orchestrate")) return subagent(received);
        if (steps(received) > 0) return answer("Done.");
        return callTools(
          ...tasks.map(({ agent, tier, prompt }): [string, unknown] => [
            "task",
            { subagent_type: agent, model_tier: tier, description: prompt, prompt },
          ]),
        );
      },
    });
    const { code, out, err } = await run("Orchestrate the work.", "--tier", "standard");
    assert.equal(code, 0, err);
    assert.equal(out.trim(), "Done.");
    for (const tier of tiers) {
      const prompts = endpoints[tier].received.map(firstPrompt).filter((text) => text.includes(" at "));
      assert.deepEqual(
        prompts.toSorted(),
        tasks
          .filter((task) => task.tier === tier)
          .map(({ prompt }) => prompt)
          .toSorted(),
      );
      for (const { body } of endpoints[tier].received) assert.equal(body.model, nameOf(tier));
    }
    const events = await home.events(await home.lastSession());
    const ended = events.flatMap(({ event }) => (event.type === "task.ended" ? [event.outcome] : []));
    assert.deepEqual(
      ended,
      tasks.map(() => "done"),
    );
  });

  it("assess the tier of a task for which none was named", async () => {
    const subagent = (): Script => answer("ok");
    const hard =
      "There is a race condition: the queue and the cache deadlock under load. Find the root cause across the modules and redesign the locking so that it cannot happen.";
    const easy = "Rename the variable foo to bar in src/a.ts.";
    await serve({
      quick: subagent,
      advanced: subagent,
      standard: (received) => {
        if (!firstPrompt(received).startsWith("Orchestrate")) return subagent();
        if (steps(received) > 0) return answer("Done.");
        return callTools(
          ["task", { subagent_type: "Engineer", prompt: hard }],
          ["task", { subagent_type: "Engineer", prompt: easy }],
        );
      },
    });
    assert.equal((await run("Orchestrate the work.", "--tier", "standard")).code, 0);
    assert.deepEqual(endpoints.advanced.received.map(firstPrompt), [hard]);
    assert.deepEqual(endpoints.quick.received.map(firstPrompt), [easy]);
  });

  it("do not route if a model was named, in no subagent either", async () => {
    const subagent = (): Script => answer("ok");
    await serve({
      quick: subagent,
      advanced: subagent,
      standard: (received) =>
        firstPrompt(received).startsWith("Orchestrate") && steps(received) === 0
          ? callTools(
              ["task", { subagent_type: "Engineer", model_tier: "quick", prompt: "a" }],
              ["task", { subagent_type: "Writer", model: "opus", prompt: "b" }],
            )
          : answer("ok"),
    });
    assert.equal((await run("Orchestrate the work.", "--model", "standard/standard-model")).code, 0);
    assert.deepEqual([endpoints.quick.received.length, endpoints.advanced.received.length], [0, 0]);
    assert.equal(endpoints.standard.received.length, 4);
  });

  it("go up a tier after failures of the work, and hand it over", async () => {
    await writeFile(join(home.work, "check.sh"), "echo '1 failing: adds numbers'; exit 1\n");
    await serve({
      quick: (received) => {
        const n = steps(received);
        return n % 2 === 0
          ? callTools(["bash", { command: "npm test" }])
          : callTools(["write", { path: `try${n}.txt`, content: `${n}` }]);
      },
      standard: () => answer("Fixed."),
      advanced: () => answer("Too far."),
    });
    await writeFile(join(home.work, "package.json"), JSON.stringify({ scripts: { test: "sh check.sh" } }));
    const { code, out, err } = await run(
      "Rename the function add to sum in src/a.ts.",
      "--mode",
      "auto",
      "--max-turns",
      "20",
      "--format",
      "json",
    );
    assert.equal(code, 0, err + out);
    const events = await home.events(await home.lastSession());
    const routes = events.flatMap(({ event }) => (event.type === "model.routed" ? [event] : []));
    assert.deepEqual(
      routes.map(({ tier }) => tier),
      ["quick", "standard"],
    );
    assert.match(JSON.stringify(endpoints.standard.received.at(-1)?.body), /adds numbers/);
  });

  it("use another model of the tier if a provider fails", async () => {
    const down: Script = {
      status: 503,
      headers: { "content-type": "application/json" },
      body: ['{"error":{"message":"overloaded"}}'],
    };
    await serve({ quick: down, standard: () => answer("From standard."), advanced: () => answer("no") }, {});
    const config = {
      providers: Object.fromEntries(
        tiers.map((tier) => [tier, { baseUrl: endpoints[tier].baseUrl, models: { [nameOf(tier)]: {} } }]),
      ),
      tiers: {
        quick: { model: `quick/${nameOf("quick")}`, fallbacks: [`standard/${nameOf("standard")}`] },
        advanced: `advanced/${nameOf("advanced")}`,
      },
      model: `standard/${nameOf("standard")}`,
    };
    await writeFile(join(home.root, "config.json"), JSON.stringify(config));
    const { code, out, err } = await run("Hello.", "--tier", "quick");
    assert.equal(code, 0, err);
    assert.equal(out.trim(), "From standard.");
    assert.ok(endpoints.quick.received.length > 0);
  });
});

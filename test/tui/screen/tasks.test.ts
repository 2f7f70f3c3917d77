/** Agents and subagents in the terminal: Tab switches, the tree opens a subagent, interrupts it, and leads back. */
import assert from "node:assert/strict";
import { type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer, chunk, type Received } from "../../help/scripted-endpoint.ts";
import { callTools } from "../../help/tutti.ts";

const prompts = ({ body }: Received): string =>
  JSON.stringify((body.messages as { role: string }[]).filter(({ role }) => role === "user"));

describe("agents in the terminal", function () {
  this.timeout(60_000);
  const terminals = useTerminals();

  const write = async (one: TestTerminal, text: string): Promise<void> => {
    one.type(text);
    await one.waitFor((rows) => rows.some((row) => row.includes(`› ${text}`)));
    one.press("enter");
  };

  it("are switched with Tab, and their mode is shown", async () => {
    await terminals.serve([answer("A plan.")]);
    const one = await terminals.ready();
    await one.waitFor(/≡ +ask/);
    // The list of agents is requested after the first frame.
    await write(one, "/agent plan");
    await one.waitFor(/≡ +plan +plan/);
    one.press("tab");
    await one.waitFor(/≡ +ask/);
    one.press("tab");
    await one.waitFor(/≡ +plan +plan/);
    await write(one, "Look around");
    await one.waitFor(/A plan\./);
    assert.match(JSON.stringify(terminals.endpoint().received.at(-1)?.body), /You are the agent plan/);
  });

  it("show their subagents as a tree, which opens and interrupts one", async () => {
    await terminals.serve([
      (received) => {
        if (prompts(received).includes("Sub task")) return { body: [chunk({ content: "Working on it" })], end: "open" };
        return (received.body.messages as { role: string }[]).some(({ role }) => role === "tool")
          ? answer("The end.")
          : callTools(["task", { agent: "general", title: "the part", prompt: "Sub task" }]);
      },
    ]);
    const one = await terminals.ready();
    await write(one, "Begin");
    await one.waitFor(/◇ 1 running/);
    await write(one, "/tasks");
    await one.waitFor(/● general: the part/);
    one.press("enter");
    await one.waitFor(/Working on it/);
    await one.waitFor(/↑ general/);
    await write(one, "/parent");
    await one.waitFor(/◇ 1 running/);
    await write(one, "/tasks");
    await one.waitFor(/● general: the part/);
    one.press("ctrl+x");
    await one.waitFor(/– general: the part/);
    one.press("escape");
    await one.waitFor(/The end\./);
    await one.waitFor((rows) => !rows.join("\n").includes("1 running"));
  });
});

/** What plugins bring to the terminal, with those that stand among the examples. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { addPlugin, python, repository } from "../../help/plugins.ts";
import { eachAtATerminal, type Person } from "../../help/screen.ts";
import { answer } from "../../help/scripted-endpoint.ts";

const example = { command: [python, join(repository, "mcp-plugins/examples/python/plugin.py")] };

describe("plugins in the terminal", function () {
  this.timeout(90_000);
  const desk = eachAtATerminal();

  const write = async (one: Person, text: string): Promise<void> => {
    one.type(text);
    await one.until((rows) => rows.some((row) => row.includes(`› ${text}`)));
  };

  it("has their slash commands beside its own, and sends what they stand for", async () => {
    await addPlugin(desk.home(), "example", example);
    await desk.serve([answer("Nothing is in the way.")]);
    const one = await desk.ready();
    await write(one, "/stand");
    await one.until(/\/example:standup {2}\[FOCUS\] · What was done, what is next/);
    one.press("tab");
    await one.until(/› \/example:standup/);
    one.type("the parser");
    one.press("enter");
    await one.until(/Nothing is in the way\./);
    const sent = JSON.stringify(desk.endpoint().received[0]?.body);
    assert.match(sent, /Read the last commits and say in three lines.*Look at the parser above all\./);
    assert.ok(one.text().some((row) => row.includes("Read the last commits")));
    one.press("up");
    await one.until(/› \/example:standup the parser/);
  });

  it("gives back what cannot be sent, and says why", async () => {
    await addPlugin(desk.home(), "example", example);
    const one = await desk.ready();
    await write(one, "/example:stand up");
    one.press("enter");
    await one.until(/There is no command \/example:stand;/);
    assert.ok(one.text().some((row) => row.includes("› /example:stand up")));
  });
});

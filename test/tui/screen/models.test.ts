/** The list of models shows which of them can be used. */
import assert from "node:assert/strict";
import { type LocalModelServer, serverKinds, startLocalServer } from "../../help/local-server.ts";
import { useTerminals } from "../../help/screen.ts";

describe("the list of models", function () {
  this.timeout(60_000);
  const terminals = useTerminals();
  let server: LocalModelServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  it("distinguishes running local servers from others", async () => {
    server = await startLocalServer(serverKinds.vllm(40_960));
    const provider = (name: string, baseUrl: string, model: string): Promise<unknown> =>
      terminals
        .home()
        .run(["config", "set", `providers.${name}`, JSON.stringify({ baseUrl, models: { [model]: {} } })]);
    await provider("near", server.baseUrl, "served-name");
    await provider("gone", "http://127.0.0.1:1/v1", "absent");
    const one = await terminals.ready([], { columns: 100, rows: 40 });
    one.type("/model");
    await one.clickOn("⏎ send");
    await one.waitFor(/On this machine[^\n]*\n[ │]+near\/served-name/);
    await one.waitFor(/Ready[ │]*\n([ │]+rehearsal\/\w+ +free.*\n)+[ │]*Local server not running/);
    one.type("gone");
    await one.waitFor(/gone\/absent/);
    assert.ok(!one.text().some((row) => row.includes("$0 in")));
  });
});

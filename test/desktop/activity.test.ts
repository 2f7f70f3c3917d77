/** What the tray shows, from a real server with a scripted model. */
import assert from "node:assert/strict";
import { connectTo } from "../../client/local.ts";
import { followActivity, type RunningSession } from "../../desktop/activity.ts";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { initializeParams, startTestServer, type TestServer } from "../help/test-server.ts";
import { callTools } from "../help/tutti.ts";

describe("the activity of the local server", () => {
  let at: TestServer;
  let endpoint: ScriptedEndpoint;
  beforeEach(async () => {
    endpoint = await scriptedEndpoint([callTools(["bash", { command: "touch made-here" }]), answer("Made.")]);
    at = await startTestServer();
    await at.configure({ model: "here/m", providers: { here: { baseUrl: endpoint.baseUrl, models: { m: {} } } } });
  });
  afterEach(async () => {
    await at.close();
    await endpoint.close();
  });

  it("reports a running session, its question, and its end", async () => {
    const connect = () => connectTo(at.path, undefined, { client: initializeParams.client, answers: true });
    const [watcher, person] = await Promise.all([connect(), connect()]);
    const seen: { running?: readonly RunningSession[] } = {};
    let changed: () => void = () => undefined;
    const until = async (isReady: (running: readonly RunningSession[]) => boolean): Promise<void> => {
      while (!seen.running || !isReady(seen.running))
        await new Promise<void>((resolve) => {
          changed = resolve;
        });
    };
    const activity = followActivity(watcher, {
      changed(running) {
        seen.running = running;
        changed();
      },
      failed: assert.ifError,
    });
    await until((running) => running.length === 0);
    const { session } = await person.call("sessionCreate", { cwd: at.folder, title: "Make a file" });
    await person.call("turnPrompt", { session, text: "Make it.", settings: { mode: "ask" } });
    await until(([first]) => first?.questions.length === 1);
    const [running] = seen.running ?? [];
    assert.deepEqual([running?.session, running?.title], [session, "Make a file"]);
    assert.match(running?.questions[0]?.title ?? "", /touch made-here|bash/i);
    await person.call("turnCancel", { session });
    await until((now) => now.length === 0);
    activity.stop();
    await Promise.all([watcher.close(), person.close()]);
  });
});

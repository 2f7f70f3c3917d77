/** What somebody does in a first week, in a real terminal multiplexer and with each key table: the screen is checked at each step. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { answer, chunk, type ScriptedEndpoint, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { type SetupEndpoint, startSetupEndpoint } from "../../help/setup-endpoint.ts";
import { openPane, type Pane, tmuxInstalled } from "../../help/tmux.ts";
import { callTools, type Home, useHomes } from "../../help/tutti.ts";

const tables = [
  { table: "default", pageDown: "PageDown" },
  { table: "emacs", pageDown: "C-v" },
  { table: "vim", pageDown: "C-f" },
] as const;

const content = Array.from({ length: 80 }, (_, index) => `step ${index + 1};`).join("\n");

function firstWeek(this: Mocha.Suite): void {
  this.timeout(60_000);
  let home: Home;
  let pane: Pane;
  let endpoint: ScriptedEndpoint;
  let localServer: SetupEndpoint | undefined;
  useHomes(
    (fresh) => {
      home = fresh;
    },
    async () => {
      await pane.close();
      await home.stop();
      await endpoint.close();
      await localServer?.close();
      localServer = undefined;
    },
  );
  const tmux = (...words: string[]): void =>
    void execFileSync("tmux", ["-S", join(home.root, "tmux"), ...words], { env: home.env });
  const shows = (pattern: RegExp): boolean => pattern.test(pane.rows().join("\n"));
  const until = (pattern: RegExp): Promise<void> => pane.until(pattern);
  const gone = (pattern: RegExp): Promise<void> => pane.until((rows) => !pattern.test(rows.join("\n")));
  const enter = async (text: string): Promise<void> => {
    pane.type(text);
    await pane.until((rows) => rows.some((row) => row.includes(`› ${text}`)));
    pane.press("Enter");
  };

  const program = [process.execPath, join(import.meta.dirname, "../../../bin/tutti.cjs")].join(" ");

  /** The first start, without a model: the list opens, a local server is started and chosen, tested and saved, and answers. */
  const setUpModel = async (): Promise<void> => {
    const address = await startSetupEndpoint([]);
    await address.close();
    pane = openPane(home, [], { OLLAMA_HOST: address.origin, HTTPS_PROXY: "http://127.0.0.1:9" });
    await until(/─ Set up a model ─[\s\S]*Choose the model that answers your prompts\.[\s\S]*anthropic/);
    assert.ok(!shows(/On this machine/), pane.rows().join("\n"));
    pane.press("Escape");
    await gone(/Choose the model/);
    await until(/No model is set up\. Type \/setup to choose one\.[\s\S]*no model/);

    localServer = await startSetupEndpoint(["qwen3:8b"], undefined, Number(new URL(address.origin).port));
    const found = new RegExp(`On this machine[^\\n]*\\n[^\\n]*ollama/qwen3:8b +runs at ${address.origin}`);
    // On a busy machine, the server may not answer a search in time.
    for (let search = 0; search < 5 && !shows(found); search++) {
      if (search > 0) pane.press("Escape");
      await gone(/Choose the model/);
      await enter("/setup");
      await until(/─ Set up a model ─[\s\S]*anthropic/);
    }
    assert.ok(shows(found), pane.rows().join("\n"));
    pane.press("Enter");
    await until(/The test succeeded, including tool calls\.[\s\S]*default/);
    await gone(/─ Set up a model ─|─ Test of/);
    await until(/ask {2}ollama\/qwen3:8b/);
    assert.ok(localServer.prompts.length > 1);
    await enter("What is here?");
    await until(/Hello there\./);
    assert.match((await home.run(["config", "get", "model"])).out, /^ollama\/qwen3:8b/);
    await enter("/exit");
    await gone(/Ask anything/);
    await home.stop();
  };

  for (const { table, pageDown } of tables)
    it(`works with the ${table} keys`, async () => {
      await home.run(["config", "set", "keys", table]);
      const gate = Promise.withResolvers<void>();
      endpoint = await scriptedEndpoint([
        callTools(["write", { path: "plan.txt", content }]),
        answer("The file is written."),
        answer("I got both lines."),
        { body: [chunk({ content: "A long story" }), gate.promise], end: "open" },
        answer("With another model."),
      ]);
      await setUpModel();
      pane.type(`TUTTI_BASE_URL=${endpoint.baseUrl} ${program} --model env/m`);
      pane.press("Enter");
      await until(/Ask anything/);
      await gone(/connecting/);

      // A long edit is read to its end before it is approved.
      await enter("Write the plan");
      await until(/1\. Approve[\s\S]*number or Enter to answer/);
      assert.ok(shows(/lines 1-\d+ of \d+ · .* to scroll/), pane.rows().join("\n"));
      assert.ok(!shows(/step 80;/));
      for (let page = 0; page < 12 && !shows(/step 80;/); page++) {
        const before = /lines (\d+)-/.exec(pane.rows().join("\n"))?.[1];
        pane.press(pageDown);
        await pane.until((rows) => /lines (\d+)-/.exec(rows.join("\n"))?.[1] !== before);
      }
      assert.ok(shows(/step 80;/));
      pane.press("C-o");
      await until(/to go back/);
      pane.press("Escape");
      await until(/to deny/);
      pane.press("1");
      await until(/↳ approved once by ada[\s\S]*The file is written\./);
      assert.equal(readFileSync(join(home.work, "plan.txt"), "utf8").trimEnd(), content);

      // A command of another agent, a wrong one, and one that starts over.
      await enter("/cost");
      await until(/By model, last 30 days[\s\S]*env\/m/);
      pane.press("Escape");
      await gone(/By model, last 30 days/);
      await enter("/archve");
      await until(/Unknown command \/archve\. Did you mean \/archive\?/);
      assert.ok(shows(/› \/archve/));
      pane.press("C-c");
      await until(/Ask anything/);
      await enter("/clear");
      await gone(/The file is written/);

      // A paste, and Enter at once.
      execFileSync("tmux", ["-S", join(home.root, "tmux"), "load-buffer", "-"], {
        env: home.env,
        input: "line 1\nline 2",
      });
      tmux("paste-buffer", "-p", ";", "send-keys", "Enter");
      await until(/I got both lines\./);
      assert.match(JSON.stringify(endpoint.received[2]?.body), /line 1\\nline 2/);

      // Escape stops the turn, lets the queue wait, and keeps the prompt.
      await enter("Tell me a story");
      await until(/A long story/);
      // tmux does not pass Ctrl+Enter on, so the hint names the other key.
      await until(/Enter queues · Ctrl\+X Enter steers/);
      await enter("And then sum it up");
      await until(/1 queued/);
      if (table === "vim") {
        pane.press("Escape");
        await until(/NORMAL/);
      }
      pane.press("Escape");
      await until(/1 waiting/);
      gate.resolve();
      assert.equal(endpoint.received.length, 4);
      if (table === "vim") {
        pane.type("i");
        await until(/INSERT/);
        // In this form it cannot be read as Alt with the key after it.
      } else pane.type("\x1b[27u");
      pane.type("yes");
      await until(/› yes/);
      pane.press("C-c");
      await until(/Ask anything/);

      // The terminal is closed, and the session is resumed with another model and mode.
      tmux("respawn-pane", "-k", "exec /bin/sh -i");
      const clients = async (): Promise<number> =>
        (JSON.parse((await home.run(["status", "--json"])).out) as { clients: number }).clients;
      while ((await clients()) > 1);
      pane.type(`TUTTI_BASE_URL=${endpoint.baseUrl} ${program} --continue --model env/other --mode edit`);
      pane.press("Enter");
      await until(/A long story[\s\S]*1 waiting[\s\S]*edit {2}env\/other/);
      await enter("Go on");
      await until(/With another model\./);
      assert.match(JSON.stringify(endpoint.received[4]?.body), /"model":"other"/);
      await enter("/exit");
      await gone(/Ask anything/);
    });
}

if (tmuxInstalled) describe("a first week", firstWeek);

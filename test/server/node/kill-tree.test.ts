/** The processes that a command left running, also one with the ID of an earlier process. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { callMarkerName, findSurvivors, listProcesses } from "../../../server/node/kill-tree.ts";

if (process.platform === "linux")
  describe("the search for what a command left running", () => {
    const marker = "900000001000001";
    let survivor: ChildProcess;
    beforeEach(async () => {
      survivor = spawn("sleep", ["60"], { env: { ...process.env, [callMarkerName]: marker }, stdio: "ignore" });
      await once(survivor, "spawn");
    });
    afterEach(async () => {
      const exited = once(survivor, "exit");
      survivor.kill("SIGKILL");
      await exited;
    });
    const leader = (): number => survivor.pid ?? 0;

    it("finds a process that did not run before", async () => {
      const { ids, started } = listProcesses();
      const before = { ids: new Set([...ids].filter((id) => id !== String(leader()))), started };
      assert.deepEqual((await findSurvivors(leader(), marker, before)).commands, ["sleep 60"]);
      assert.deepEqual((await findSurvivors(leader(), "900000001000002", before)).commands, []);
    });

    it("looks at all processes if the IDs may have started again since then", async () => {
      const before = listProcesses();
      // An ID that was not given yet: the last one is lower.
      assert.deepEqual((await findSurvivors(2 ** 22 + 1, marker, before)).commands, ["sleep 60"]);
      for (const started of [before.started - 2 ** 22, Number.NaN])
        assert.deepEqual((await findSurvivors(leader(), marker, { ...before, started })).commands, ["sleep 60"]);
    });

    it("looks at no process that ran before otherwise", async () => {
      assert.deepEqual((await findSurvivors(leader(), marker, listProcesses())).commands, []);
    });
  });

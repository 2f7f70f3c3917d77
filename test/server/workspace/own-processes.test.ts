/** Two sessions with commands in the background: each sees and ends its own, and what a closed one started is gone. */
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { openProcesses } from "../../../server/node/processes.ts";
import { ownProcesses } from "../../../server/workspace/own-processes.ts";

describe("the background commands of a session", () => {
  it("are not another's to list or end, and end with it", async () => {
    const all = openProcesses({ ripgrep: "rg" });
    const [one, other] = [ownProcesses(all), ownProcesses(all)];
    const { id } = await one.background({ argv: ["sleep", "600"], cwd: tmpdir() });
    const { id: second } = await other.background({ argv: ["sleep", "601"], cwd: tmpdir() });
    assert.deepEqual(
      one.listBackground().map(({ command, running }) => [command, running]),
      [["600", true]],
    );
    assert.equal(await other.killBackground(id), false);
    await one.close();
    assert.deepEqual(
      all.listBackground().map(({ id: of, running }) => [of, running]),
      [
        [id, false],
        [second, true],
      ],
    );
    assert.equal(await other.killBackground(second), true);
    await all.close();
  });
});

/** Two sessions with background commands: each sees and kills only its own, and closing a session kills them. */
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { openProcesses } from "../../../server/node/processes.ts";
import { openSessionProcesses, pickVariables } from "../../../server/workspace/session-processes.ts";
import { redactor } from "../../help/redactor.ts";

describe("background commands of a session", () => {
  it("get only the variables that are set", () =>
    assert.deepEqual(pickVariables({ MY_TOKEN: "x", OTHER: "y" }, ["MY_TOKEN", "UNSET"]), { MY_TOKEN: "x" }));

  it("get the variables of their session", async () => {
    const all = openProcesses({ ripgrep: () => "rg", env: process.env, redactor });
    const print = { argv: ["printenv", "DATABASE_URL"], cwd: tmpdir() };
    for (const url of ["postgres://one", "postgres://two"]) {
      const session = openSessionProcesses(all, async () => ({ DATABASE_URL: url }));
      assert.equal((await session.run(print)).head, `${url}\n`);
      assert.equal((await session.run({ ...print, env: { DATABASE_URL: "hook" } })).head, "hook\n");
    }
    await all.close();
  });

  it("are hidden from other sessions and end with the session", async () => {
    const all = openProcesses({ ripgrep: () => "rg", env: process.env, redactor });
    const [one, other] = [openSessionProcesses(all, async () => ({})), openSessionProcesses(all, async () => ({}))];
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

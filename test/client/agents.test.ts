import assert from "node:assert/strict";
import { type AgentRow, matchMentions } from "../../client/agents.ts";

const agent = (name: string, mode: AgentRow["mode"], hidden = false) =>
  ({ name, mode, hidden, description: "" }) as AgentRow;

describe("agents that @ completes", () => {
  const agents = [
    agent("build", "primary"),
    agent("general", "subagent"),
    agent("code-review", "all"),
    agent("QATester", "subagent"),
    agent("secret", "subagent", true),
  ];
  const matches = (text: string) => matchMentions(agents, text).map(({ name }) => name);

  it("are those that an agent can start, by the beginning of their name or of a word in it", () => {
    assert.deepEqual(matches(""), ["general", "code-review", "QATester"]);
    assert.deepEqual(matches("gen"), ["general"]);
    assert.deepEqual(matches("re"), ["code-review"]);
    assert.deepEqual(matches("qat"), ["QATester"]);
    for (const none of ["build", "sec", "eneral", "src/general"]) assert.deepEqual(matches(none), [], none);
  });
});

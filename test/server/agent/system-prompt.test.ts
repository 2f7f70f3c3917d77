/** The system prompt and tool descriptions: each size within its budget. */
import assert from "node:assert/strict";
import { buildSystemPrompt, buildToolSpecs, choosePromptSize } from "../../../server/agent/system-prompt.ts";
import { toolsFor } from "../../../server/tools/all.ts";

const environment = { cwd: "/home/ada/project", platform: "linux", date: "2026-01-01", git: true };
/** In tokens, estimated at four characters per token. */
const budgets = { small: 1_300, medium: 3_000, large: 8_000 } as const;

describe("the system prompt and the tools", () => {
  for (const size of ["small", "medium", "large"] as const) {
    for (const prefersPatch of [false, true]) {
      it(`fit the token budget of a ${size} model, with ${prefersPatch ? "patch" : "edit"}`, () => {
        const specs = buildToolSpecs(toolsFor({ prefersPatch }), size);
        const prompt = buildSystemPrompt(size, environment, []) + JSON.stringify(specs);
        assert.ok(prompt.length / 4 <= budgets[size], `${Math.round(prompt.length / 4)} tokens`);
        for (const { name, description } of specs) assert.notEqual(description, "", name);
      });
    }
  }

  it("are longer for a model with a larger context", () => {
    const measure = (size: "small" | "medium" | "large") =>
      buildSystemPrompt(size, environment, []).length +
      JSON.stringify(buildToolSpecs(toolsFor({ prefersPatch: false }), size)).length;
    assert.ok(measure("small") < measure("medium") && measure("medium") < measure("large"));
  });

  it("are small if the context is unknown or small, and medium if tokens are expensive", () => {
    assert.equal(choosePromptSize({ context: null, inputPrice: null }), "small");
    assert.equal(choosePromptSize({ context: 32_000, inputPrice: 0 }), "small");
    assert.equal(choosePromptSize({ context: 200_000, inputPrice: 15 }), "medium");
    assert.equal(choosePromptSize({ context: 200_000, inputPrice: null }), "medium");
    assert.equal(choosePromptSize({ context: 200_000, inputPrice: 0.5 }), "large");
  });
});

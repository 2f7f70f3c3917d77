/** What a model is told before anything else: each size within its budget, and true to the tools. */
import assert from "node:assert/strict";
import { promptSize, systemPrompt, toolSpecs } from "../../../server/agent/prompt.ts";
import { toolsFor } from "../../../server/tools/all.ts";

const around = { cwd: "/home/ada/project", platform: "linux", date: "2026-01-01", git: true };
/** As endpoints count, roughly: four characters to a token. */
const budgets = { small: 1_300, medium: 3_000, large: 8_000 } as const;

describe("the prompt and the tools", () => {
  for (const size of ["small", "medium", "large"] as const) {
    for (const prefersPatch of [false, true]) {
      it(`fit the budget of a ${size} model, with ${prefersPatch ? "patch" : "edit"}`, () => {
        const specs = toolSpecs(toolsFor({ prefersPatch }), size);
        const told = systemPrompt(size, around, []) + JSON.stringify(specs);
        assert.ok(told.length / 4 <= budgets[size], `${Math.round(told.length / 4)} tokens`);
        for (const { name, description } of specs) assert.notEqual(description, "", name);
      });
    }
  }

  it("say more to a model that has more room", () => {
    const told = (size: "small" | "medium" | "large") =>
      systemPrompt(size, around, []).length + JSON.stringify(toolSpecs(toolsFor({ prefersPatch: false }), size)).length;
    assert.ok(told("small") < told("medium") && told("medium") < told("large"));
  });

  it("are small where the room is unknown or little, and where words are dear", () => {
    assert.equal(promptSize({ context: null, inputPrice: null }), "small");
    assert.equal(promptSize({ context: 32_000, inputPrice: 0 }), "small");
    assert.equal(promptSize({ context: 200_000, inputPrice: 15 }), "medium");
    assert.equal(promptSize({ context: 200_000, inputPrice: null }), "medium");
    assert.equal(promptSize({ context: 200_000, inputPrice: 0.5 }), "large");
  });
});

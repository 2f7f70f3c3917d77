import assert from "node:assert/strict";
import fc from "fast-check";
import { type Tier, tiers as tierOrder } from "../../../protocol/settings.ts";
import { assess } from "../../../server/routing/assess.ts";
import { chooseTier, explainUnfit, type RouteRequest, settleRoute } from "../../../server/routing/choose-tier.ts";

const table = { quick: [{ model: "p/q" }], standard: [{ model: "p/s" }], advanced: [{ model: "p/a" }] };
const base: RouteRequest = { assessment: null, agent: null, tiers: table };
const hard = assess("find the root cause of the deadlock");
const engineer = (more: object) => ({ name: "Engineer", tiers: {}, ...more });
const first = (request: Partial<RouteRequest>) => chooseTier({ ...base, ...request }).candidates[0];

describe("choosing a tier", () => {
  it("prefers a named model, then the call, the user, the assessment and the agent's default", () => {
    const all = {
      userModel: "x/named",
      callModel: "x/called",
      callTier: "quick" as Tier,
      userTier: "standard" as Tier,
      assessment: hard,
      agent: engineer({ tier: "quick" }),
    };
    const seen: unknown[] = [];
    for (const key of ["userModel", "callModel", "callTier", "userTier", "agent", "assessment"] as const) {
      const { route, candidates } = chooseTier({ ...base, ...all });
      seen.push(route ? [route.source, route.tier, candidates[0]?.model] : candidates);
      (all as Record<string, unknown>)[key] = key === "assessment" || key === "agent" ? null : undefined;
    }
    assert.deepEqual(seen, [
      [{ tier: null, model: "x/named" }],
      [{ tier: null, model: "x/called" }],
      ["caller", "quick", "p/q"],
      ["user", "standard", "p/s"],
      ["agent", "quick", "p/q"],
      ["heuristic", "advanced", "p/a"],
    ]);
  });

  it("prefers the agent's model for a tier, and its own model only where no tier can be used", () => {
    const agent = engineer({ model: "e/own", tiers: { advanced: [{ model: "e/a" }] } });
    assert.equal(first({ agent, callTier: "advanced" })?.model, "e/a");
    assert.equal(first({ agent, callTier: "quick" })?.model, "p/q");
    assert.equal(chooseTier({ ...base, agent, callTier: "quick" }).candidates.at(-1)?.model, "e/own");
    assert.equal(first({ agent: engineer({ model: "e/own" }), tiers: {}, callTier: "quick" })?.model, "e/own");
  });

  it("routes nothing without tiers", () => {
    assert.deepEqual(chooseTier({ ...base, tiers: {}, assessment: hard, sessionModel: "s/m" }), {
      route: null,
      candidates: [{ tier: null, model: "s/m" }],
      rejected: [],
    });
  });

  it("falls to the nearest tier: first up, then down", () => {
    const order = (tier: Tier, tiers: RouteRequest["tiers"]) =>
      chooseTier({ ...base, tiers, callTier: tier }).candidates.map(({ model }) => model);
    assert.deepEqual(order("quick", table), ["p/q", "p/s", "p/a", undefined]);
    assert.deepEqual(order("standard", table), ["p/s", "p/a", "p/q", undefined]);
    assert.deepEqual(order("advanced", table), ["p/a", "p/s", "p/q", undefined]);
    assert.deepEqual(order("standard", { quick: table.quick }), ["p/q", undefined]);
    const fallbacks = { standard: [{ model: "p/s" }, { model: "r/s" }], advanced: table.advanced };
    assert.deepEqual(order("standard", fallbacks), ["p/s", "r/s", "p/a", undefined]);
  });

  it("never passes maxTier or the budget's tier, whatever is missing", () => {
    const tier = fc.constantFrom(...tierOrder);
    const tiers = fc
      .subarray([...tierOrder], { minLength: 1 })
      .map((names) => Object.fromEntries(names.map((name) => [name, table[name]])));
    fc.assert(
      fc.property(tier, tier, tiers, fc.boolean(), (callTier, cap, given, byBudget) => {
        const caps = byBudget ? { budgetTier: cap } : { maxTier: cap };
        const { candidates } = chooseTier({ ...base, tiers: given, callTier, ...caps });
        for (const { tier: served } of candidates)
          assert.ok(served === null || tierOrder.indexOf(served) <= tierOrder.indexOf(cap));
      }),
    );
  });

  it("says what was rejected and why", () => {
    const capped = chooseTier({ ...base, assessment: hard, maxTier: "standard" });
    assert.deepEqual(capped.rejected, [{ tier: "advanced", why: "maxTier is standard" }]);
    assert.equal(capped.route?.source, "heuristic");
    const poor = chooseTier({ ...base, userTier: "advanced", budgetTier: "standard" });
    assert.equal(poor.route?.source, "budget");
    const choice = chooseTier({ ...base, callTier: "quick" });
    const [quick, standard] = choice.candidates;
    assert.ok(quick && standard);
    assert.deepEqual(settleRoute(choice, standard, [{ ...quick, why: "No key for P." }]), {
      source: "fallback",
      rejected: [{ tier: "quick", model: "p/q", why: "No key for P." }],
    });
    assert.equal(settleRoute(choice, quick, [])?.source, "caller");
  });

  it("explains what a model lacks", () => {
    const model = { tools: true, vision: false, context: 8_000 };
    const needs = { tools: true, images: false, context: 4_000 };
    assert.equal(explainUnfit(model, needs), null);
    assert.equal(explainUnfit({ ...model, context: null }, { ...needs, context: 1e9 }), null);
    assert.match(explainUnfit({ ...model, tools: false }, needs) ?? "", /tools/);
    assert.match(explainUnfit(model, { ...needs, images: true }) ?? "", /images/);
    assert.match(explainUnfit(model, { ...needs, context: 9_000 }) ?? "", /context/);
  });
});

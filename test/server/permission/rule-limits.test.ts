/** Limits of path rules: a project's rules come from others, and matching many wildcards takes long. */
import assert from "node:assert/strict";
import { validateRule } from "../../../server/permission/rules.ts";

describe("a rule", () => {
  for (const rule of [
    "read(.env*)",
    "edit(src/**)",
    "edit(packages/**/src/**/*.{ts,tsx})",
    "edit unless edit(src/**)",
    "jira__*",
    "read(@(a|b)/*.md)",
    "fetch(domain:example.com)",
    `bash(${"echo * ".repeat(400)})`,
  ])
    it(`is accepted: ${rule.slice(0, 40)}`, () => assert.equal(validateRule(rule), null));

  for (const [rule, problem] of [
    [`read(${"*a".repeat(30)}b)`, /has too many wildcards; use \* at most 4 times between two slashes\.$/],
    [`edit(src/**) unless edit(x/${"*y".repeat(9)})`, /has too many wildcards/],
    [`read(${"**/a/".repeat(12)}b)`, /has too many wildcards; use \*\* at most 4 times\.$/],
    ["read(+(a|+(b|c))x)", /has several groups/],
    ["edit(*(a)*(a)*(a)b)", /has several groups/],
    [`write(${"a/".repeat(600)})`, /has a pattern of 1200 characters; use at most 1000, or several rules\.$/],
  ] as const)
    it(`is refused, with what to do: ${rule.slice(0, 40)}`, () => {
      const found = validateRule(rule) ?? "";
      assert.match(found, problem);
      assert.ok(found.length < 250);
    });
});

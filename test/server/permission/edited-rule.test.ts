/** A rule that the user edits before saving it: valid, for the same request, and not too broad. */
import assert from "node:assert/strict";
import { checkEditedRule } from "../../../server/permission/edited-rule.ts";

const accepted: [offered: string, edited: string][] = [
  ["bash(npm test)", "bash(npm test)"],
  ["bash(npm test)", "bash(npm test:*)"],
  ["bash(npm test)", " bash(npm run lint) "],
  ["bash(npm run build -- -x)", "bash(npm run build:*)"],
  ["bash(git commit:*)", "bash(git commit -m wip)"],
  ["bash(git commit:*)", "bash(git commit *)"],
  ["bash(a && b)", "bash(a && b)"],
  ["edit(src/a.ts)", "edit(src/**)"],
  ["edit(src/a.ts)", "edit(*.ts)"],
  ["read(/etc/hosts)", "read(/etc/*)"],
  ["fetch(domain:api.example.com)", "fetch(domain:*.example.com)"],
  ["mcp__a__b", "mcp__a__b"],
  ["mcp__github__create_issue", " MCP__GitHub__create_issue "],
];

const rejected: [offered: string, edited: string, reason: RegExp][] = [
  ["bash(npm test)", "bash", /too broad.*every use of bash/],
  ["bash(npm test)", "bash(*)", /too broad/],
  ["bash(npm test)", "bash(:*)", /too broad/],
  ["bash(npm test)", "bash(npm:*)", /too broad.*subcommand/],
  ["bash(git push origin main)", "bash(git *)", /too broad/],
  ["bash(git commit:*)", "bash(git -c:*)", /too broad/],
  ["bash(npm run build)", "bash(npm run:*)", /too broad/],
  ["bash(python a.py)", "bash(python:*)", /too broad/],
  ["bash(python a.py)", "bash(python a.py:*)", /too broad.*decide what runs/],
  ["bash(sudo make)", "bash(sudo make:*)", /too broad/],
  ["bash(npm test)", "bash(rm -rf x)", /different program/],
  ["bash(npm test)", "bash(npm test; rm x)", /exact line/],
  ["bash(a && b)", "bash(a)", /exact line/],
  ["bash(npm test)", "edit(src/**)", /different tool/],
  ["bash(npm test)", "bash(npm test", /is not a rule/],
  ["bash(npm test)", "", /is not a rule/],
  ["bash(npm test)", "bash( )", /empty pattern/],
  ["edit(src/a.ts)", "edit", /too broad/],
  ["edit(src/a.ts)", "edit(**)", /too broad/],
  ["edit(src/a.ts)", "edit(/**/*)", /too broad/],
  ["edit(src/a.ts)", "*(src/a.ts)", /different tool/],
  ["fetch(domain:example.com)", "fetch(domain:*)", /too broad/],
  ["fetch(domain:example.com)", "fetch(domain:*.com)", /too broad/],
  ["mcp__a__b", "mcp__a__*", /different tool than the request; it must be mcp__a__b\.$/],
  ["mcp__a__b", "mcp__a__b(*)", /has no pattern; save mcp__a__b\.$/],
  ["mcp__a__b", "mcp__a__b(title)", /has no pattern/],
];

describe("a rule that the user edited", () => {
  for (const [offered, edited] of accepted)
    it(`is saved: ${edited} in place of ${offered}`, () => assert.equal(checkEditedRule(offered, edited), null));
  for (const [offered, edited, reason] of rejected)
    it(`is rejected: ${edited || "nothing"} in place of ${offered}`, () =>
      assert.match(checkEditedRule(offered, edited) ?? "", reason));
});

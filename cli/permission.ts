/** `tutti permission check`: what a set of rules would say of a command line. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { wrong } from "./args.ts";
import type { Command } from "./command.ts";
import { safe } from "./print/text.ts";

export const permission: Command = {
  name: "permission",
  operands: "check --rules FILE -- COMMAND…",
  purpose: "Says whether a command line would be allowed, asked about or denied, and why. Nothing is run.",
  verbs: ["check"],
  flags: [
    {
      name: "rules",
      value: "FILE",
      purpose: 'a file as {"permissions": {"mode": …, "allow": […], "ask": […], "deny": […]}}',
    },
    { name: "cwd", value: "DIR", purpose: "the folder to judge it in" },
    { name: "format", value: "FORMAT", of: ["text", "json"], purpose: "how to print" },
  ],
  examples: [
    "tutti permission check --rules rules.json -- git status",
    "tutti permission check --rules rules.json --format json -- 'ls && rm -rf .'",
  ],
  async run(input) {
    const [verb, ...words] = input.words;
    if (verb !== "check")
      throw wrong("tutti permission knows check; list and forget are not part of this version yet.");
    const file = input.text("rules");
    if (file === undefined || words.length === 0)
      throw wrong("Say the rules and the command: tutti permission check --rules FILE -- COMMAND.");
    const text = await readFile(resolve(input.cwd, file), "utf8").catch((error) => {
      throw wrong(`${file} cannot be read: ${error instanceof Error ? error.message : error}.`);
    });
    const link = await input.connect({ cwd: input.cwd, project: false, answers: false });
    try {
      const cwd = resolve(input.cwd, input.text("cwd") ?? ".");
      const judged = await link.call("permissionCheck", { rules: parsed(file, text), cwd, command: words.join(" ") });
      if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(judged)}\n`);
      else {
        const parts = judged.parts.map(
          (part) =>
            `  ${part.decision.padEnd(5)}  ${safe(part.command)}${part.rule === null ? "" : `  (${part.rule})`}\n`,
        );
        input.terminal.out(`${judged.decision}: ${safe(judged.reason)}\n${parts.length > 1 ? parts.join("") : ""}`);
      }
      return 0;
    } finally {
      await link.close();
    }
  },
};

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrong(`${file} is not JSON: ${error instanceof Error ? error.message : error}.`);
  }
}

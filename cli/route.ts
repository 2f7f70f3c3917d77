/** `tutti route`: which tier and model a task would get, and why, without running it. */
import { explainRoute } from "../protocol/routing-text.ts";
import { type Tier, tiers } from "../protocol/settings.ts";
import { usageError } from "./args.ts";
import type { Command } from "./command.ts";
import { readStdin } from "./piped-input.ts";
import { sanitize } from "./print/text.ts";

export const route: Command = {
  name: "route",
  operands: "PROMPT",
  purpose: "Show which tier and model a task would get, and why, without running it.",
  flags: [
    { name: "agent", value: "NAME", purpose: "The agent that would do the task" },
    { name: "tier", value: "TIER", choices: tiers, purpose: "The tier that you would choose" },
    { name: "format", value: "FORMAT", choices: ["text", "json"], purpose: "Output format" },
  ],
  examples: ['tutti route "fix the typo in README.md"', "tutti route --format json < task.md"],
  async run(input) {
    const text = input.positionals.join(" ").trim() || (await readStdin(false, input.terminal)).trim();
    if (text === "") throw usageError("Missing prompt. Use `tutti route PROMPT`.");
    const [agent, tier] = [input.text("agent"), input.text("tier")];
    const link = await input.connect({ cwd: input.cwd, project: true, answers: false });
    try {
      const found = await link.call("routeExplain", {
        cwd: input.cwd,
        text,
        ...(agent !== undefined && { agent }),
        ...(tier !== undefined && { tier: tier as Tier }),
      });
      const { out, note } = input.terminal;
      if (input.text("format") === "json") out(`${JSON.stringify(found, null, 2)}\n`);
      else {
        for (const warning of found.warnings) note(`${sanitize(warning)}\n`);
        out(
          `${explainRoute({ ...found, modelReason: found.reason })
            .map(sanitize)
            .join("\n")}\n`,
        );
      }
      return 0;
    } finally {
      await link.close();
    }
  },
};

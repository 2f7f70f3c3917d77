/** `tutti stats`: tokens and cost by day, model and agent, with a bar for each day, and budgets. */
import { formatUsageReport } from "../client/usage.ts";
import { usageError } from "./args.ts";
import type { Command } from "./command.ts";

const DEFAULT_DAYS = 30;

export const stats: Command = {
  name: "stats",
  operands: "",
  purpose: "Show tokens and cost by day, model and agent.",
  flags: [
    { name: "days", value: "DAYS", purpose: `Number of days, including today (default: ${DEFAULT_DAYS})` },
    { name: "format", value: "FORMAT", choices: ["text", "json"], purpose: "Output format" },
  ],
  examples: ["tutti stats", "tutti stats --days 7 --format json"],
  async run(input) {
    const days = Number(input.text("days") ?? DEFAULT_DAYS);
    if (!Number.isInteger(days) || days < 1 || days > 3660)
      throw usageError(`Invalid --days ${JSON.stringify(input.text("days"))}. Use a number from 1 to 3660.`);
    const link = await input.connect({ cwd: input.cwd, project: true, answers: false });
    try {
      const { rows } = await link.call("statsRead", { days });
      if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(rows, null, 2)}\n`);
      else if (rows.length === 0) input.terminal.out(`No usage in the last ${days} days.\n`);
      else {
        const { budgets } = await link.call("budgetRead", { cwd: input.cwd });
        input.terminal.out(formatUsageReport(rows, budgets));
      }
      return 0;
    } finally {
      await link.close();
    }
  },
};

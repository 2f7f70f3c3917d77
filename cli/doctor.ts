/** `tutti doctor`: what Tutti needs from the machine, and what to do about what is missing. */
import type { Command } from "./command.ts";
import { safe } from "./print/text.ts";

const MARKS = { ok: "✓", warning: "!", failed: "✗" } as const;

export const doctor: Command = {
  name: "doctor",
  operands: "",
  purpose: "Looks at what Tutti needs from this machine, and says what to do about what is missing.",
  flags: [{ name: "format", value: "FORMAT", of: ["text", "json"], purpose: "how to print" }],
  examples: ["tutti doctor", "tutti doctor --format json"],
  async run(input) {
    const link = await input.connect({ cwd: input.cwd, project: true, answers: false });
    try {
      const { checks } = await link.call("serverDoctor", { cwd: input.cwd });
      if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(checks, null, 2)}\n`);
      else
        for (const { name, state, detail } of checks) input.terminal.out(`${MARKS[state]} ${name}: ${safe(detail)}\n`);
      return checks.some(({ state }) => state === "failed") ? 1 : 0;
    } finally {
      await link.close();
    }
  },
};

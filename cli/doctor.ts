/** `tutti doctor`: checks the machine, and shows how to fix problems. */
import type { Command } from "./command.ts";
import { sanitize } from "./print/text.ts";

const ICONS = { ok: "✓", warning: "!", failed: "✗" } as const;

export const doctor: Command = {
  name: "doctor",
  operands: "",
  purpose: "Check that this machine meets Tutti's requirements, and show how to fix problems.",
  flags: [{ name: "format", value: "FORMAT", choices: ["text", "json"], purpose: "Output format" }],
  examples: ["tutti doctor", "tutti doctor --format json"],
  async run(input) {
    const link = await input.connect({ cwd: input.cwd, project: true, answers: false });
    try {
      const { checks } = await link.call("serverDoctor", { cwd: input.cwd });
      if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(checks, null, 2)}\n`);
      else
        for (const { name, state, detail } of checks)
          input.terminal.out(`${ICONS[state]} ${name}: ${sanitize(detail)}\n`);
      return checks.some(({ state }) => state === "failed") ? 1 : 0;
    } finally {
      await link.close();
    }
  },
};

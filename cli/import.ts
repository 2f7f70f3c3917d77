/** `tutti import`: brings settings of other programs into the user's configuration file. */
import type { ResultOf } from "../protocol/methods.ts";
import { usageError } from "./args.ts";
import type { Command, CommandInput } from "./command.ts";
import { sanitize } from "./print/text.ts";

type Plan = ResultOf<"importPlan">;

const sources = ["claude", "opencode", "codex", "mcp"] as const;
const isSource = (name: string): name is (typeof sources)[number] => sources.some((one) => one === name);

export const importSettings: Command = {
  name: "import",
  operands: sources.join("|"),
  purpose: "Show what an import of another program's settings would change, and make these changes with --yes.",
  verbs: sources,
  flags: [
    { name: "yes", purpose: "Make the changes; the configuration file is backed up first" },
    { name: "profile", value: "NAME", purpose: "With opencode: the profile whose models to import" },
    { name: "format", value: "FORMAT", choices: ["text", "json"], purpose: "Output format" },
  ],
  examples: ["tutti import opencode", "tutti import claude --yes"],
  async run(input) {
    const [source = "", ...more] = input.positionals;
    if (!isSource(source) || more.length > 0) throw usageError(`Pass one source: ${sources.join(", ")}.`);
    const profile = input.text("profile");
    if (profile !== undefined && source !== "opencode") throw usageError("--profile can only be used with opencode.");
    const what = { source, ...(profile !== undefined && { profile }) };
    const link = await input.connect({ cwd: input.cwd, project: false, answers: false });
    try {
      const plan = await link.call("importPlan", what);
      const isApplied = input.isSet("yes");
      const result = isApplied
        ? await link.call("importApply", { ...what, digest: plan.digest })
        : { ...plan, backup: null };
      if (input.text("format") === "json")
        input.terminal.out(`${JSON.stringify({ ...result, applied: isApplied }, null, 2)}\n`);
      else print(input, result, isApplied);
      return 0;
    } finally {
      await link.close();
    }
  },
};

function print({ terminal }: CommandInput, plan: Plan & { backup: string | null }, isApplied: boolean): void {
  const { changes, skipped, files, searched, path, backup } = plan;
  if (files.length === 0) {
    terminal.note(`Nothing to import: none of these files exists: ${searched.map(sanitize).join(", ")}.\n`);
    return;
  }
  const lines = changes.flatMap(({ key, value, from }) => [
    `${sanitize(key)} = ${sanitize(JSON.stringify(value))}`,
    `  from ${sanitize(from)}`,
  ]);
  if (lines.length > 0) terminal.out(`${lines.join("\n")}\n`);
  if (skipped.length > 0)
    terminal.out(
      `${changes.length > 0 ? "\n" : ""}Not imported:\n${skipped.map(({ from, reason }) => `  ${sanitize(from)}: ${sanitize(reason)}\n`).join("")}`,
    );
  const count = `${changes.length} ${changes.length === 1 ? "value" : "values"}`;
  if (changes.length === 0) terminal.note("Nothing to change: everything that can be imported is already set.\n");
  else if (!isApplied) terminal.note(`Nothing was changed. Pass --yes to write ${count} to ${path}.\n`);
  else terminal.note(`Wrote ${count} to ${path}.${backup === null ? "" : ` Backup: ${backup}.`}\n`);
}

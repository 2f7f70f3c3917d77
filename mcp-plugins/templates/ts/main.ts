/** A plugin for Tutti; a plain MCP server in any other host. Take from it what you do not need. */
import { plugin, z } from "tutti-plugin";

await plugin({
  name: "plugin-name",
  version: "0.1.0",
  tools: {
    greet: {
      description: "Greets a person by name.",
      input: { name: z.string().min(1).describe("Who is greeted") },
      run: ({ name }) => `Hello, ${name}!`,
    },
  },
  prompts: {
    explain: {
      description: "Explains a file to somebody who is new.",
      arguments: { file: { description: "Which file", required: true } },
      run: ({ file }) => `Explain ${file} to somebody who sees this project for the first time.`,
    },
  },
  hooks: {
    // Called before an edit is judged. What it does not answer is left to Tutti's own rules.
    "tool.before": {
      match: "edit|write",
      run: ({ input }) =>
        JSON.stringify(input).includes("DO NOT EDIT")
          ? { decision: "ask", reason: "This looks like a file that a program writes." }
          : undefined,
    },
  },
}).serve();

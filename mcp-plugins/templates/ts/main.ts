/** A plugin for Tutti; a plain MCP server in other hosts. Remove what you do not need. */
import { plugin, z } from "tutti-plugin";

await plugin({
  name: "plugin-name",
  version: "0.1.0",
  tools: {
    greet: {
      description: "Greets a person by name.",
      input: { name: z.string().min(1).describe("Whom to greet") },
      run: ({ name }) => `Hello, ${name}!`,
    },
  },
  prompts: {
    explain: {
      description: "Explains a file to someone new to the project.",
      arguments: { file: { description: "Which file", required: true } },
      run: ({ file }) => `Explain ${file} to someone who is new to this project.`,
    },
  },
  hooks: {
    // Called before Tutti decides on an edit. Without a response, Tutti's own rules decide.
    "tool.before": {
      match: "edit|write",
      run: ({ input }) =>
        JSON.stringify(input).includes("DO NOT EDIT")
          ? { decision: "ask", reason: "This looks like a generated file." }
          : undefined,
    },
  },
}).serve();

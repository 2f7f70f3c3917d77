/** All commands, each loaded when it is called, and the names reserved for planned ones. */
import type { CommandRow } from "./command.ts";
import { run } from "./run.ts";

export const commands: readonly CommandRow[] = [
  { name: run.name, purpose: "Run one prompt, print the result, and exit", load: async () => run },
  {
    name: "review",
    purpose: "Review a change, and print the findings",
    load: async () => (await import("./review.ts")).review,
  },
  {
    name: "sessions",
    purpose: "List, show, search and manage sessions",
    load: async () => (await import("./sessions.ts")).sessions,
  },
  {
    name: "models",
    purpose: "List models with context size, price and capabilities",
    load: async () => (await import("./models.ts")).models,
  },
  {
    name: "stats",
    purpose: "Show tokens and cost by day, model and agent",
    load: async () => (await import("./stats.ts")).stats,
  },
  {
    name: "route",
    purpose: "Show which tier and model a task would get, and why",
    load: async () => (await import("./route.ts")).route,
  },
  {
    name: "agents",
    purpose: "List agents, and show where each is defined",
    load: async () => (await import("./definitions.ts")).agents,
  },
  {
    name: "skills",
    purpose: "List skills, and show where each is defined",
    load: async () => (await import("./definitions.ts")).skills,
  },
  {
    name: "commands",
    purpose: "List slash commands, and show where each is defined",
    load: async () => (await import("./definitions.ts")).definedCommands,
  },
  {
    name: "import",
    purpose: "Import settings of Claude Code, OpenCode and Codex, and MCP servers",
    load: async () => (await import("./import.ts")).importSettings,
  },
  {
    name: "providers",
    purpose: "List and test providers, and store their API keys",
    load: async () => (await import("./providers.ts")).providers,
  },
  {
    name: "config",
    purpose: "Show and change the configuration",
    load: async () => (await import("./config.ts")).config,
  },
  {
    name: "permission",
    purpose: "Check a command line against permission rules, and manage saved rules",
    load: async () => (await import("./permission.ts")).permission,
  },
  {
    name: "trust",
    purpose: "Review and trust a folder's configuration",
    load: async () => (await import("./trust.ts")).trust,
  },
  {
    name: "plugins",
    purpose: "Add, inspect, approve and remove plugins (MCP servers)",
    load: async () => (await import("./plugins.ts")).plugins,
  },
  {
    name: "doctor",
    purpose: "Check this machine for problems",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  {
    name: "claude",
    purpose: "Run one prompt with the flags of `claude -p`, for scripts that call it",
    load: async () => (await import("./claude.ts")).claude,
  },
  {
    name: "acp",
    purpose: "Run the ACP agent for editors such as Zed and JetBrains IDEs",
    load: async () => (await import("./acp.ts")).acp,
  },
  {
    name: "serve",
    purpose: "Run the shared server",
    load: async () => (await import("./serve.ts")).serve,
  },
  {
    name: "stop",
    purpose: "Stop the shared server",
    load: async () => (await import("./serve.ts")).stop,
  },
  {
    name: "status",
    purpose: "Show what the shared server is doing",
    load: async () => (await import("./serve.ts")).status,
  },
  {
    name: "web",
    purpose: "Open the web page of the local server in a browser",
    load: async () => (await import("./web.ts")).web,
  },
  {
    name: "desktop",
    purpose: "Open the web page of the local server in a window of its own",
    load: async () => (await import("./desktop.ts")).desktop,
  },
  {
    name: "share",
    purpose: "Share a live session with guests, and manage its links",
    load: async () => (await import("./share.ts")).share,
  },
  {
    name: "join",
    purpose: "Join a shared session in the terminal UI",
    load: async () => (await import("./join.ts")).join,
  },
  {
    name: "hub",
    purpose: "Run a hub for shared sessions",
    load: async () => (await import("./hub.ts")).hub,
  },
  {
    name: "lsp",
    purpose: "Run the language server for editors",
    load: async () => (await import("./lsp.ts")).lsp,
  },
  {
    name: "rehearse",
    purpose: "Serve a scripted model for tests and demos",
    load: async () => (await import("./rehearse.ts")).rehearse,
  },
  {
    name: "completion",
    purpose: "Print a completion script for your shell",
    load: async () => (await import("./completion.ts")).createCompletion(commands),
  },
];

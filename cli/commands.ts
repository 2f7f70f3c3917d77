/** The commands there are, each loaded when it is called; and the words of the contract that are not built yet. */
import type { CommandRow } from "./command.ts";
import { run } from "./run.ts";

export const commands: readonly CommandRow[] = [
  { name: run.name, purpose: run.purpose, load: async () => run },
  {
    name: "sessions",
    purpose: "the sessions that are kept: list, read, search, and the rest",
    load: async () => (await import("./sessions.ts")).sessions,
  },
  {
    name: "models",
    purpose: "models, with context, price and abilities",
    load: async () => (await import("./models.ts")).models,
  },
  {
    name: "providers",
    purpose: "endpoints, their keys, and what works there",
    load: async () => (await import("./providers.ts")).providers,
  },
  {
    name: "config",
    purpose: "the configuration, and changes to your own file",
    load: async () => (await import("./config.ts")).config,
  },
  {
    name: "permission",
    purpose: "what the rules would say of a command line",
    load: async () => (await import("./permission.ts")).permission,
  },
  {
    name: "trust",
    purpose: "what a folder's own files would run, and your yes to it",
    load: async () => (await import("./trust.ts")).trust,
  },
  {
    name: "plugins",
    purpose: "plugins: MCP servers, what exactly they run and bring, and your yes to it",
    load: async () => (await import("./plugins.ts")).plugins,
  },
  {
    name: "doctor",
    purpose: "what Tutti needs from this machine",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  {
    name: "acp",
    purpose: "an agent for editors that speak ACP: Zed, JetBrains and others",
    load: async () => (await import("./acp.ts")).acp,
  },
  {
    name: "serve",
    purpose: "the server that several clients share",
    load: async () => (await import("./serve.ts")).serve,
  },
  {
    name: "stop",
    purpose: "ends that server",
    load: async () => (await import("./serve.ts")).stop,
  },
  {
    name: "status",
    purpose: "what that server is doing",
    load: async () => (await import("./serve.ts")).status,
  },
  {
    name: "lsp",
    purpose: "a language server for editors, on standard input and output",
    load: async () => (await import("./lsp.ts")).lsp,
  },
  {
    name: "rehearse",
    purpose: "serves a scripted model, for tests and for trying things out",
    load: async () => (await import("./rehearse.ts")).rehearse,
  },
  {
    name: "completion",
    purpose: "a completion script for your shell",
    load: async () => (await import("./completion.ts")).completionOf(commands),
  },
];

export const later: ReadonlySet<string> = new Set([
  "web",
  "desktop",
  "share",
  "join",
  "hub",
  "agents",
  "skills",
  "commands",
  "route",
  "import",
  "stats",
]);

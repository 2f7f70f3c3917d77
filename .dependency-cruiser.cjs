// The never-list of docs/architecture.md, as rules. test/house/rules.test.ts plants one fault for each and sees it go red.
const ours = "^(bin|server|protocol|client|cli|tui|acp|lsp|web|extension|desktop|hub|mcp-plugins|scripts|bench|test)/";
const npm = (name) => `node_modules/${name}(/|$)`;
const only = (name, pkg, where) => ({
  name,
  severity: "error",
  comment: `${pkg} is reached only from ${where}`,
  from: { path: ours, pathNot: where },
  to: { path: npm(pkg) },
});
const never = (name, comment, from, to) => ({ name, severity: "error", comment, from, to });

module.exports = {
  forbidden: [
    never("no-circular", "no circles", {}, { circular: true }),
    never(
      "protocol-is-pure",
      "protocol/ imports nothing of ours",
      { path: "^protocol/" },
      { path: ours, pathNot: "^protocol/" },
    ),
    never(
      "pure-folders-no-node",
      "protocol/, client/ (but local.ts) and web/ import no Node built-in",
      { path: "^(protocol|client|web)/", pathNot: "^(client/local\\.ts)$" },
      { dependencyTypes: ["core"] },
    ),
    never(
      "server-no-screen",
      "server/ imports no screen",
      { path: "^server/" },
      { path: "^(cli|tui|acp|lsp|web|extension|desktop|bin)/" },
    ),
    never(
      "client-no-server",
      "client/ imports protocol/ only",
      { path: "^client/" },
      { path: ours, pathNot: "^(client|protocol)/" },
    ),
    never(
      "screen-no-server",
      "no screen imports server/",
      { path: "^(cli|tui|acp|lsp|web|extension|desktop)/" },
      { path: "^server/" },
    ),
    never(
      "screen-no-screen",
      "no screen imports another screen",
      { path: "^(cli|tui|acp|lsp|web|extension|desktop)/" },
      { path: "^(cli|tui|acp|lsp|web|extension|desktop)/", pathNot: "^$1/" },
    ),
    never(
      "plugins-alone",
      "mcp-plugins/ imports nothing of ours but its sdk and the contract of plugins",
      { path: "^mcp-plugins/" },
      { path: ours, pathNot: "^(mcp-plugins/|protocol/plugin\\.ts$)" },
    ),
    never(
      "plugin-no-plugin",
      "a plugin imports no other plugin; sdk, http and markdown are none",
      { path: "^mcp-plugins/([^/]+)/" },
      { path: "^mcp-plugins/", pathNot: "^mcp-plugins/(sdk|http|markdown|$1)/" },
    ),
    never(
      "nothing-imports-plugins",
      "plugins are programs: nothing imports them, but the command line what it makes a new one from",
      { path: "^(bin|server|protocol|client|cli|tui|acp|lsp)/" },
      { path: "^mcp-plugins/", pathNot: "^mcp-plugins/templates/scaffold\\.ts$" },
    ),
    never(
      "hub-protocol-only",
      "hub/ imports protocol/ only",
      { path: "^hub/" },
      { path: ours, pathNot: "^(hub|protocol)/" },
    ),
    never(
      "agent-gets-its-context",
      "server/agent/ imports no rpc, no transport, no session, no model adapter: they are passed in",
      { path: "^server/agent/" },
      { path: "^server/(rpc|transport|turn|session|model|node|main)" },
    ),
    never(
      "tools-know-ports",
      "server/tools/ know only ports, and pure helpers: the list of secret names, text in files, what looks alike, and where a repository is",
      { path: "^server/tools/" },
      {
        path: "^server/",
        pathNot:
          "^server/(tools/|(ports|subagents)\\.ts$|workspace/(secret-files|text-file|look-alikes|repository)\\.ts$)",
      },
    ),
    never(
      "core-no-node",
      "agent, session, permission and tools import no Node built-in but node:path",
      { path: "^server/(agent|session|permission|tools)/" },
      { dependencyTypes: ["core"], pathNot: "^(node:)?path(/posix)?$" },
    ),
    never(
      "node-ports-only-joined-in-main",
      "server/node/ is imported by main.ts, the joints and tests only",
      { path: "^server/(agent|session|permission|tools|config|model/dialect)/" },
      { path: "^server/node/" },
    ),
    never(
      "nothing-imports-tests",
      "tests, benches and scripts are leaves",
      { path: "^(bin|server|protocol|client|cli|acp|lsp)/" },
      { path: "^(test|bench|scripts)/" },
    ),
    only("terminal-kit-in-one-place", "terminal-kit", "^tui/screen\\.ts$"),
    only("vscode-in-extension", "vscode", "^extension/"),
    only("electron-in-desktop", "electron", "^desktop/main\\.ts$"),
    only("mcp-in-plugins", "@modelcontextprotocol", "^(server/plugins|mcp-plugins|test)/"),
    only("ai-sdk-in-model", "(ai|@ai-sdk)", "^(server/model|test/outside)/"),
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    // It takes the package esbuild for the file esbuild.mjs, and would see that import itself.
    exclude: { path: "(^|/)fixtures/|^esbuild\\.mjs$" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};

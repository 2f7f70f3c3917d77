/** The extension's manifest and package: nothing starts in an untrusted folder, and nothing unwanted is packaged. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readPromptUri, resolveLinkTarget } from "../../extension/addresses.ts";
import { buildEnvironment, isSupportedNode } from "../../extension/environment.ts";
import { build } from "../help/build.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

interface Manifest {
  scripts?: unknown;
  dependencies?: unknown;
  extensionKind: string[];
  engines: { vscode: string };
  version: string;
  capabilities: {
    untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] };
    virtualWorkspaces: { supported: boolean };
  };
  contributes: {
    commands: { command: string; enablement?: string }[];
    keybindings: { command: string }[];
    configurationDefaults: { "terminal.integrated.commandsToSkipShell": string[] };
    configuration: {
      properties: Record<string, { scope?: string; description?: string; markdownDescription?: string }>;
    };
    views: Record<string, { id: string; when?: string }[]>;
  };
}

/** The fields of a CycloneDX SBOM that the test reads. */
interface Bill {
  components: { name: string; version: string; licenses: [{ license: { id: string } }] }[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

describe("the extension's package", () => {
  let manifest: Manifest;
  before(function () {
    this.timeout(60_000);
    build();
    manifest = JSON.parse(read("dist/extension/package.json")) as Manifest;
  });

  it("has limited support for untrusted folders, and restricts settings that could start a process", () => {
    const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
    assert.equal(untrustedWorkspaces.supported, "limited");
    assert.equal(virtualWorkspaces.supported, false);
    const starting = Object.keys(manifest.contributes.configuration.properties).filter((name) =>
      /^tutti\.(server\.|languageServer)/.test(name),
    );
    assert.deepEqual(untrustedWorkspaces.restrictedConfigurations.toSorted(), starting.toSorted());
    for (const { command, enablement } of manifest.contributes.commands)
      assert.match(enablement ?? "", /isWorkspaceTrusted|tutti\.edits > 0/, command);
    for (const { id, when } of manifest.contributes.views.tutti ?? [])
      assert.match(when ?? "", /isWorkspaceTrusted/, id);
  });

  it("uses machine scope for settings that could start a process", () => {
    for (const [name, { scope }] of Object.entries(manifest.contributes.configuration.properties))
      if (manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.includes(name))
        assert.equal(scope, "machine", name);
  });

  it("describes each setting, and contributes each command with a keybinding", () => {
    for (const [name, setting] of Object.entries(manifest.contributes.configuration.properties))
      assert.ok((setting.description ?? setting.markdownDescription ?? "").length > 20, name);
    const offered = new Set(manifest.contributes.commands.map(({ command }) => command));
    for (const { command } of manifest.contributes.keybindings) assert.ok(offered.has(command), command);
  });

  it("has its keybindings in the terminal too", () => {
    const { keybindings, configurationDefaults } = manifest.contributes;
    const skipping = configurationDefaults["terminal.integrated.commandsToSkipShell"];
    assert.deepEqual(skipping.toSorted(), keybindings.map(({ command }) => command).toSorted());
  });

  it("runs next to the files, and has no scripts and no dependencies", () => {
    assert.deepEqual(manifest.extensionKind, ["workspace"]);
    assert.equal(manifest.scripts, undefined);
    assert.equal(manifest.dependencies, undefined);
    assert.equal(manifest.version, (JSON.parse(read("package.json")) as { version: string }).version);
    // Newer types would allow APIs that the oldest supported editor does not have.
    const types = (JSON.parse(read("node_modules/@types/vscode/package.json")) as { version: string }).version;
    assert.equal(manifest.engines.vscode, `^${types}`);
  });

  it("contains no source maps, sources or build paths", () => {
    const all = readdirSync(join(root, "dist/extension"), { recursive: true, withFileTypes: true });
    const files = all.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
    assert.ok(files.length > 50);
    for (const file of files) {
      assert.doesNotMatch(file, /\.map$|(?<!\.d)\.tsx?$|node_modules|\.env/);
      const text = readFileSync(file, "latin1");
      assert.doesNotMatch(text, /sourceMappingURL=(?!`|\$)/, file);
      assert.ok(!text.includes(root), file);
    }
  });

  it("lists the bundled packages with versions and licenses that allow redistribution", () => {
    const { components, dependencies } = JSON.parse(read("dist/extension/sbom.cdx.json")) as Bill;
    const named = new Set(components.map(({ name }) => name));
    // One from each bundle: the server, the terminal, the page, the extension, a plugin.
    for (const name of ["@ai-sdk/openai-compatible", "terminal-kit", "preact", "vscode-languageclient", "turndown"])
      assert.ok(named.has(name), name);
    for (const name of ["esbuild", "mocha", "typescript", "vscode"]) assert.ok(!named.has(name), name);
    const texts = read("dist/extension/THIRD-PARTY.txt");
    for (const { name, version, licenses } of components) {
      const installed = JSON.parse(read(`node_modules/${name}/package.json`)) as { version: string };
      assert.equal(version, installed.version, name);
      const [{ license }] = licenses;
      assert.match(license.id, /^(MIT|ISC|BSD-[23]-Clause|Apache-2\.0|BlueOak-1\.0\.0|Unlicense)$/, name);
      assert.ok(texts.includes(`\n${name}@${version} (${license.id})\n`), name);
    }
    assert.match(texts, /Copyright \(c\) .*Cédric Ronvel/);
    const refs = new Set(dependencies.map(({ ref }) => ref));
    assert.equal(refs.size, components.length + 1);
    for (const { dependsOn } of dependencies) for (const ref of dependsOn) assert.ok(refs.has(ref), ref);
    const leads = dependencies
      .find(({ ref }) => ref.startsWith("string-width@"))
      ?.dependsOn.map((ref) => ref.split("@")[0]);
    assert.deepEqual(leads, ["get-east-asian-width", "strip-ansi"]);
  });

  it("types nothing into a shell, and opens no link without confirmation", () => {
    const sources = readdirSync(join(root, "extension")).filter((name) => name.endsWith(".ts"));
    for (const name of sources) {
      const text = read(`extension/${name}`);
      assert.doesNotMatch(text, /sendText|shell: true|\beval\(/, name);
      if (text.includes("env.openExternal")) assert.match(text, /modal: true[\s\S]*env\.openExternal/, name);
    }
  });
});

describe("URIs and links", () => {
  it("reads only the prompt text from a URI", () => {
    assert.equal(readPromptUri({ path: "/prompt", query: "text=Fix%20it&dir=/etc&--trust=1&model=x" }), "Fix it");
    assert.equal(readPromptUri({ path: "/prompt", query: "text=a%E2%80%AEb%1b" }), "a\\u{202e}b\\x1b");
    for (const [path, query] of [
      ["/prompt", ""],
      ["/prompt", "prompt=x"],
      ["/run", "text=x"],
      ["/", "text=x"],
      ["/prompt", `text=${"x".repeat(5_000)}`],
    ] as const)
      assert.equal(readPromptUri({ path, query }), null);
  });

  it("allows only web pages and files, with the host name in ASCII", () => {
    assert.equal(resolveLinkTarget("https://example.com/a?b"), "https://example.com/a?b");
    assert.equal(resolveLinkTarget("https://ex\u0430mple.com/"), "https://xn--exmple-4nf.com/");
    for (const href of [
      "javascript:alert(1)",
      "command:workbench.action.quit",
      "vscode://a.b/c",
      "data:text/html,x",
      "vscode-webview://x",
      "https://a\u202eb.com/",
      "relative/path",
      "",
    ])
      assert.equal(resolveLinkTarget(href), null, href);
  });
});

describe("the server's environment", () => {
  it("does not include the editor's own variables", () => {
    const own = { PATH: "/bin", VSCODE_IPC_HOOK_CLI: "/x", ELECTRON_RUN_AS_NODE: "1", VSCODE_GIT_ASKPASS_NODE: "y" };
    assert.deepEqual(buildEnvironment(own, { TUTTI_DATA_DIR: "/d" }, "/nowhere"), {
      PATH: "/bin",
      TUTTI_DATA_DIR: "/d",
    });
  });

  it("requires Node.js 22.22 or newer", () => {
    assert.deepEqual(["22.21.0", "20.20.0", "22.22.0", "24.0.0", ""].map(isSupportedNode), [
      false,
      false,
      true,
      true,
      false,
    ]);
  });
});

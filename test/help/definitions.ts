/** Definitions of a home folder and a repository in a temporary folder, with real configuration and trust. */
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { FolderTrust } from "../../server/config/folder-trust.ts";
import { openConfiguration } from "../../server/config/open-configuration.ts";
import { resolveConfigPaths } from "../../server/config/paths.ts";
import {
  type Definitions,
  type DefinitionsDeps,
  listDefinitionItems,
  openDefinitions,
} from "../../server/definitions/open-definitions.ts";

export interface OpenOptions {
  project?: boolean;
  trustedRoot?: string;
  plugins?: Partial<DefinitionsDeps["plugins"]>;
}

export interface DefinitionHome {
  root: string;
  home: string;
  repo: string;
  cacheDir: string;
  /** Writes a file below the temporary folder, such as `home/.claude/agents/A.md`. Objects are written as JSON. */
  write(path: string, content: unknown): string;
  /** Copies a folder of test/fixtures. */
  copyFixture(name: string, to: string): void;
  open(
    options?: OpenOptions,
  ): Promise<Definitions & { openTrust(): Promise<FolderTrust>; warnings(): { text: string }[] }>;
  /** Grants every item of the repository, or of a folder in it. */
  grantAll(cwd?: string): Promise<void>;
  remove(): void;
}

export function createDefinitionHome(): DefinitionHome {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "tutti-definitions-")));
  const home = join(root, "home");
  const repo = join(root, "repo");
  mkdirSync(home);
  mkdirSync(join(repo, ".git"), { recursive: true });
  const paths = resolveConfigPaths({}, "linux", home);
  const open = async ({ project = true, trustedRoot, plugins = {} }: OpenOptions = {}) => {
    const configuration = await openConfiguration({
      cwd: repo,
      env: {},
      home,
      paths,
      keyNames: () => [],
      project,
      definitionItems: (folder) => listDefinitionItems({ env: {}, home, ...paths, root: folder }),
      ...(trustedRoot !== undefined && { trustedRoot }),
    });
    const none = async () => ({ found: [], problems: [] });
    const ofPlugins = { agents: none, skills: none, ...plugins };
    const definitions = openDefinitions({ env: {}, home, ...paths, project, configuration, plugins: ofPlugins });
    return { ...definitions, openTrust: configuration.openTrust, warnings: configuration.problems };
  };
  return {
    root,
    home,
    repo,
    cacheDir: paths.cacheDir,
    write(path, content) {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
      return file;
    },
    copyFixture: (name, to) =>
      cpSync(join(import.meta.dirname, "../fixtures", name), join(root, to), { recursive: true }),
    open,
    async grantAll(cwd = repo) {
      const trust = await (await open()).openTrust();
      const { items } = await trust.read(cwd);
      await trust.grant(
        cwd,
        items.map(({ id }) => id),
      );
    },
    remove: () => rmSync(root, { recursive: true }),
  };
}

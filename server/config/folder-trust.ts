/** The items in a folder's files that need trust, and which of them the user granted. */
import { dirname, join } from "node:path";
import { TuttiError } from "../../protocol/errors.ts";
import { resolveRealPath } from "../workspace/real-path.ts";
import { toCanonicalJson } from "./canonical-json.ts";
import { getClaudeSettingsPath, listProjectClaudeSettings } from "./claude-settings-path.ts";
import type { LoadedConfig } from "./config.ts";
import { listProjectFolders } from "./load.ts";
import { createHookItem, readClaudeHooks } from "./parse-command-hooks.ts";
import { findPlugins } from "./plugin-sources.ts";
import type { PluginSpec } from "./plugin-spec.ts";
import { hashContent } from "./project-items.ts";
import type { CommandHook, TrustItem } from "./trust-items.ts";
import type { TrustGrants, TrustStore } from "./trust-store.ts";
import type { ListedHook } from "./untrusted-hooks.ts";

export interface FolderTrustDeps {
  store: TrustStore;
  home: string;
  load(cwd: string, project: boolean): Promise<LoadedConfig>;
  /** False for `--no-project`: then nothing of a project runs, even if it was granted. */
  project: boolean;
  /** The root that is trusted while this server runs. */
  trustedRoot?: string;
}

export interface ListedItem extends TrustItem {
  text: string;
  changed: boolean;
  /** From one of the user's own files. */
  userOwned: boolean;
}

export interface FolderTrust {
  read(cwd: string): Promise<{
    root: string;
    items: ListedItem[];
    plugins: { name: string; source: string; text: string; approveCommand: string }[];
    problems: string[];
    digest: string;
  }>;
  grant(cwd: string, ids: readonly string[]): Promise<number>;
  revoke(cwd: string): Promise<boolean>;
  /**
   * The hooks that may run in this folder: those of the user's own configuration, and the granted ones of project and Claude Code files.
   * Read again on each call, so that a changed hook does not run.
   */
  trustedCommandHooks(cwd: string): Promise<CommandHook[]>;
  /** With those that wait for trust, and what is wrong with their files. */
  listCommandHooks(cwd: string): Promise<{ hooks: ListedHook[]; problems: string[] }>;
}

/** An item with the root its grant is stored for. */
interface LocatedItem {
  item: TrustItem;
  root: string;
  own: boolean;
  hook?: CommandHook;
}

export function openFolderTrust({ store, home, load, project, trustedRoot }: FolderTrustDeps): FolderTrust {
  const claudeHome = join(home, ".claude");

  /** Hooks of Claude Code's files: those of the project, up to the repository root, and the user's own. */
  function readClaudeItems(root: string): { located: LocatedItem[]; problems: string[] } {
    const problems: string[] = [];
    const from = (files: readonly string[], grantRoot: string, bases: readonly string[]): LocatedItem[] => {
      const found = readClaudeHooks(files);
      problems.push(...found.problems);
      const grants = store.get(grantRoot);
      return found.hooks.map((one) => {
        const { item, hook } = createHookItem(one, bases, home);
        const granted = Object.hasOwn(grants, item.id) || (bases.length > 0 && trustedRoot === root);
        return { item: { ...item, granted }, hook, root: grantRoot, own: bases.length === 0 };
      });
    };
    const folders = listProjectFolders(root).filter((folder) => folder !== resolveRealPath(home));
    const located = folders.flatMap((folder) => from(listProjectClaudeSettings(folder), root, [root, folder]));
    const own = from([getClaudeSettingsPath(home)], resolveRealPath(claudeHome), []);
    return { located: [...located, ...own], problems };
  }

  async function collectItems(cwd: string) {
    const loaded = await load(cwd, true);
    const { root } = loaded;
    const { located, problems } = readClaudeItems(root);
    const items = [...loaded.items.map((item): LocatedItem => ({ item, root, own: false })), ...located];
    return { loaded, root, located: items, problems };
  }

  const listCommandHooks: FolderTrust["listCommandHooks"] = async (cwd) => {
    const { hooks, root } = await load(cwd, project);
    const { located, problems } = readClaudeItems(root);
    const ofClaude = located.flatMap(({ item, hook, own }) =>
      hook && (own || project) ? [{ hook, granted: item.granted }] : [],
    );
    return { hooks: [...hooks.map((hook) => ({ hook, granted: true })), ...ofClaude], problems };
  };

  return {
    async read(cwd) {
      const { loaded, root, located, problems } = await collectItems(cwd);
      const current = new Set(located.map(({ item }) => item.id));
      const items = located.map(({ item, root: grantRoot, own }) => ({
        ...item,
        text: formatItem(item),
        changed: !item.granted && isChanged(item, store.get(grantRoot), current),
        userOwned: own,
      }));
      const found = findPlugins(loaded, root, home);
      const folders = listProjectFolders(root);
      const plugins = found.specs
        .filter(({ own, source }) => !own && folders.some((folder) => isProjectFile(source, folder)))
        .map((spec) => ({
          name: spec.name,
          source: spec.source,
          text: formatPlugin(spec),
          approveCommand: `tutti plugins approve ${spec.name}`,
        }));
      const digest = hashContent(toCanonicalJson([root, items.map(({ id }) => id), plugins]));
      return { root, items, plugins, problems: [...problems, ...found.problems, ...found.remarks], digest };
    },
    async grant(cwd, ids) {
      const { located } = await collectItems(cwd);
      const requestedIds = new Set(ids);
      const chosen = located.filter(({ item }) => requestedIds.has(item.id));
      if (new Set(chosen.map(({ item }) => item.id)).size < requestedIds.size)
        throw new TuttiError(
          "conflict",
          "Nothing was trusted: the folder's files have changed. Review the items again.",
        );
      for (const root of new Set(chosen.map((one) => one.root))) {
        const here = chosen.filter((one) => one.root === root);
        await store.grant(root, Object.fromEntries(here.map(({ item: { id, source, key } }) => [id, { source, key }])));
      }
      return requestedIds.size;
    },
    revoke: (cwd) => store.revoke(resolveRealPath(cwd)),
    async trustedCommandHooks(cwd) {
      const { hooks } = await listCommandHooks(cwd);
      return hooks.flatMap(({ hook, granted }) => (granted ? [hook] : []));
    },
    listCommandHooks,
  };
}

/** True if an item with the same source and key was granted but no longer exists. */
const isChanged = ({ source, key }: TrustItem, grants: TrustGrants, current: ReadonlySet<string>): boolean =>
  Object.entries(grants).some(([id, granted]) => granted.source === source && granted.key === key && !current.has(id));

const isProjectFile = (file: string, folder: string): boolean =>
  ["", ".tutti", ".vscode", ".opencode", ".opencode/plugin", ".opencode/plugins"].some(
    (name) => join(folder, name) === dirname(file),
  );

function formatItem({ kind, value }: TrustItem): string {
  if (kind !== "hook") return typeof value === "string" ? value : JSON.stringify(value);
  const { matcher, command, timeout, variables } = value as {
    matcher?: string;
    command: string;
    timeout: number;
    variables?: string[];
  };
  const sets = variables ? `; sets ${variables.join(", ")}` : "";
  return `${command}  (${matcher === undefined ? "" : `for ${matcher}, `}${timeout} s at most${sets})`;
}

/** Shows only the names of variables and headers, because their values may be keys. */
function formatPlugin({ command, url, env, headers, variables, cwd }: PluginSpec): string {
  const names = (label: string, record: Record<string, unknown>): string[] =>
    Object.keys(record).length === 0 ? [] : [`${label} ${Object.keys(record).join(", ")}`];
  const target = command ? `${JSON.stringify(command)} in ${cwd}` : (url ?? "");
  const filled = variables?.length ? [`fills in ${variables.join(", ")}`] : [];
  return [target, ...names("variables", env), ...names("headers", headers), ...filled].join("; ");
}

/** Everything that a folder's files ask for, beside what was granted: read for a person, and for whoever runs what was granted. */
import { dirname, join } from "node:path";
import { TuttiError } from "../../protocol/errors.ts";
import { canonical } from "../plugins/canonical.ts";
import { findPlugins } from "../plugins/sources.ts";
import type { PluginSpec } from "../plugins/spec.ts";
import { realPath } from "../workspace/real.ts";
import { claudeSettings } from "./claude-files.ts";
import { claudeHooks, hookItem } from "./command-hooks.ts";
import type { Loaded } from "./config.ts";
import type { CommandHook, TrustItem } from "./items.ts";
import { projectFolders } from "./load.ts";
import { hashOf } from "./project-items.ts";
import type { Grants, TrustStore } from "./trust.ts";

export interface FolderTrustParts {
  store: TrustStore;
  home: string;
  load(cwd: string, project: boolean): Promise<Loaded>;
  /** False for `--no-project`: then nothing of a project runs, whatever was granted. */
  project: boolean;
  /** The root that counts as trusted while this server runs. */
  trusted?: string;
}

export interface ListedItem extends TrustItem {
  shown: string;
  changed: boolean;
  /** Of a file of the person's own. */
  own: boolean;
}

export interface FolderTrust {
  read(cwd: string): Promise<{
    root: string;
    items: ListedItem[];
    plugins: { name: string; source: string; shown: string; how: string }[];
    problems: string[];
    digest: string;
  }>;
  grant(cwd: string, ids: readonly string[]): Promise<number>;
  revoke(cwd: string): Promise<boolean>;
  /**
   * The commands that may run when something happens in this folder: of the person's own configuration, and of each file of a project
   * or of Claude Code what was granted. Read anew each time, so that nothing that changed since runs.
   */
  trustedCommandHooks(cwd: string): Promise<CommandHook[]>;
}

/** An item with the root below which its grant is kept. */
interface Placed {
  item: TrustItem;
  root: string;
  own: boolean;
  hook?: CommandHook;
}

export function openFolderTrust({ store, home, load, project, trusted }: FolderTrustParts): FolderTrust {
  const claudeHome = join(home, ".claude");

  /** Hooks of Claude Code's files: the project's on the way up to the repository's root, and the person's own. */
  function claude(root: string): { placed: Placed[]; problems: string[] } {
    const problems: string[] = [];
    const from = (file: string, grantedTo: string, bases: readonly string[]): Placed[] => {
      const found = claudeHooks(file);
      problems.push(...found.problems);
      const grants = store.of(grantedTo);
      return found.hooks.map((one) => {
        const { item, hook } = hookItem(one, bases, home);
        const granted = Object.hasOwn(grants, item.id) || (bases.length > 0 && trusted === root);
        return { item: { ...item, granted }, hook, root: grantedTo, own: bases.length === 0 };
      });
    };
    const folders = projectFolders(root).filter((folder) => folder !== realPath(home));
    const placed = folders.flatMap((folder) => from(claudeSettings(folder), root, [root, folder]));
    return { placed: [...placed, ...from(claudeSettings(home), realPath(claudeHome), [])], problems };
  }

  async function everything(cwd: string) {
    const loaded = await load(cwd, true);
    const { root } = loaded;
    const { placed, problems } = claude(root);
    const items = [...loaded.items.map((item): Placed => ({ item, root, own: false })), ...placed];
    return { loaded, root, placed: items, problems };
  }

  return {
    async read(cwd) {
      const { loaded, root, placed, problems } = await everything(cwd);
      const current = new Set(placed.map(({ item }) => item.id));
      const items = placed.map(({ item, root: grantedTo, own }) => ({
        ...item,
        shown: literally(item),
        changed: !item.granted && replaces(item, store.of(grantedTo), current),
        own,
      }));
      const found = findPlugins(loaded, root, home);
      const folders = projectFolders(root);
      const plugins = found.specs
        .filter(({ own, source }) => !own && folders.some((folder) => isIn(source, folder)))
        .map((spec) => ({
          name: spec.name,
          source: spec.source,
          shown: pluginShown(spec),
          how: `tutti plugins approve ${spec.name}`,
        }));
      const digest = hashOf(canonical([root, items.map(({ id }) => id), plugins]));
      return { root, items, plugins, problems: [...problems, ...found.problems], digest };
    },
    async grant(cwd, ids) {
      const { placed } = await everything(cwd);
      const wanted = new Set(ids);
      const chosen = placed.filter(({ item }) => wanted.has(item.id));
      if (new Set(chosen.map(({ item }) => item.id)).size < wanted.size)
        throw new TuttiError(
          "conflict",
          "Nothing was granted: the folder's files say something else by now. Look again, and say yes to what is there.",
        );
      for (const root of new Set(chosen.map((one) => one.root))) {
        const here = chosen.filter((one) => one.root === root);
        await store.grant(root, Object.fromEntries(here.map(({ item: { id, source, key } }) => [id, { source, key }])));
      }
      return wanted.size;
    },
    revoke: (cwd) => store.revoke(realPath(cwd)),
    async trustedCommandHooks(cwd) {
      const { hooks, root } = await load(cwd, project);
      const { placed } = claude(root);
      return [
        ...hooks,
        ...placed.flatMap(({ item, hook, own }) => (hook && item.granted && (own || project) ? [hook] : [])),
      ];
    },
  };
}

/** What stood at its place and was granted is not there any more. */
const replaces = ({ source, key }: TrustItem, grants: Grants, current: ReadonlySet<string>): boolean =>
  Object.entries(grants).some(([id, granted]) => granted.source === source && granted.key === key && !current.has(id));

const isIn = (file: string, folder: string): boolean =>
  [folder, join(folder, ".tutti"), join(folder, ".vscode")].includes(dirname(file));

function literally({ kind, value }: TrustItem): string {
  if (kind !== "hook") return typeof value === "string" ? value : JSON.stringify(value);
  const { matcher, command, timeout } = value as { matcher?: string; command: string; timeout: number };
  return `${command}  (${matcher === undefined ? "" : `for ${matcher}, `}${timeout} s at most)`;
}

/** Values of variables and headers may be keys, so their names alone are shown. */
function pluginShown({ command, url, env, headers, cwd }: PluginSpec): string {
  const names = (what: string, record: Record<string, unknown>): string[] =>
    Object.keys(record).length === 0 ? [] : [`${what} ${Object.keys(record).join(", ")}`];
  const what = command ? `${JSON.stringify(command)} in ${cwd}` : (url ?? "");
  return [what, ...names("variables", env), ...names("headers", headers)].join("; ");
}

/** Handlers for plugins: listing, inspecting, approving, logging in. What they contribute is in contribution-handlers.ts. */
import { describeError, TuttiError } from "../../protocol/errors.ts";
import type { Handlers } from "../../protocol/methods.ts";
import type { Plugin } from "../plugins/host.ts";
import type { Plugins } from "../plugins/open-plugins.ts";
import { createLoginFlows } from "./login-flows.ts";

type PluginMethod = Extract<keyof Handlers, `plugins${string}`>;

/** The plugins of a folder. */
export interface FolderPlugins {
  list(cwd: string): Promise<{ plugins: Plugin[]; problems: string[] }>;
  /** Rejects with `notFound`. */
  get(cwd: string, name: string): Promise<Plugin>;
}

export interface PluginHandlerDeps {
  /** The real path of an existing folder. */
  folder(path: string): string;
  host(): Promise<Plugins>;
  plugins: FolderPlugins;
}

export function createFolderPlugins(deps: {
  folder(path: string): string;
  host(): Promise<Plugins>;
  /** False for a folder without plugins, so that the host need not be loaded. */
  isNeeded(cwd: string): Promise<boolean>;
}): FolderPlugins {
  const list: FolderPlugins["list"] = async (cwd) => {
    const root = deps.folder(cwd);
    if (!(await deps.isNeeded(root))) return { plugins: [], problems: [] };
    const { plugins, problems, remarks } = await (await deps.host()).plugins(root);
    return { plugins, problems: [...problems, ...remarks] };
  };
  return {
    list,
    async get(cwd, name) {
      const { plugins } = await list(cwd);
      const plugin = plugins.find(({ spec }) => spec.name === name);
      if (plugin) return plugin;
      const known = plugins.map(({ spec }) => spec.name).join(", ") || "none";
      throw new TuttiError("notFound", `There is no plugin ${name} in this folder. Available plugins: ${known}.`);
    },
  };
}

export function createPluginHandlers({ folder, host, plugins }: PluginHandlerDeps): Pick<Handlers, PluginMethod> {
  const logins = createLoginFlows();
  return {
    async pluginsList({ cwd }) {
      const { toPluginRow } = await import("../plugins/describe.ts");
      const { plugins: all, problems } = await plugins.list(cwd);
      return { plugins: all.map(toPluginRow), problems };
    },
    async pluginsInspect({ cwd, name, identity }) {
      const [plugin, { createInspection }] = await Promise.all([
        plugins.get(cwd, name),
        import("../plugins/describe.ts"),
      ]);
      return createInspection(plugin, await inspect(plugin, identity));
    },
    async pluginsApprove({ cwd, name, identity, digest }) {
      const plugin = await plugins.get(cwd, name);
      await inspect(plugin, identity);
      await plugin.approve(identity, digest).catch((error: unknown) => {
        throw new TuttiError("conflict", describeError(error));
      });
      return {};
    },
    async pluginsRevoke({ cwd, name }) {
      await (await plugins.get(cwd, name)).revoke();
      return {};
    },
    async pluginsLogin({ cwd, name, identity }) {
      const plugin = await plugins.get(cwd, name);
      checkIdentity(plugin, identity);
      if (plugin.spec.url === undefined)
        throw new TuttiError("usage", `${name} runs on this machine; only plugins with a URL support login.`);
      if (!plugin.spec.enabled) throw new TuttiError("usage", `The plugin ${name} is disabled. Enable it first.`);
      const { login } = await host();
      return logins.begin((open) => login(plugin, open));
    },
    pluginsLoginWait: async ({ login }) => ({ url: await logins.next(login) }),
    async pluginsLogout({ cwd, name }) {
      const plugin = await plugins.get(cwd, name);
      return { removed: await (await host()).logout(plugin) };
    },
    pluginsCheck: async ({ cwd, command }) => ({ checks: await (await host()).check(command, folder(cwd)) }),
  };
}

function checkIdentity(plugin: Plugin, identity: string): void {
  if (plugin.identity === identity) return;
  throw new TuttiError("conflict", `The plugin ${plugin.spec.name} has changed since it was shown; inspect it again.`);
}

async function inspect(plugin: Plugin, identity: string) {
  checkIdentity(plugin, identity);
  try {
    return await plugin.inspect(identity);
  } catch (error) {
    const reason = describeError(error);
    throw new TuttiError("failed", `The plugin ${plugin.spec.name} could not be started: ${reason}`);
  }
}

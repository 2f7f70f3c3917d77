/**
 * Plugins that clients register for a folder while they are connected: MCP servers from the settings of an editor. Registering lists
 * them, and no more: they need the same approval as plugins that a project's files name.
 */
import type { ParamsOf } from "../../protocol/methods.ts";
import type { LoadedConfig } from "../config/config.ts";

export interface ClientPlugins {
  /** Replaces what this connection registered for the folder before. Returns the source that they are listed with. */
  register(connection: object, client: string, registration: ParamsOf<"pluginsRegister">): string;
  /** The connection has closed, and with it what it registered. */
  release(connection: object): void;
  /** The configuration, and after it what clients registered for its folder. */
  addTo(loaded: LoadedConfig): LoadedConfig;
}

export interface ClientPluginsDeps {
  resolveRealPath(path: string): string;
  onChanged(): void;
  /** No connection has registered plugins with this source any more. */
  onSourceRemoved(source: string): void;
}

interface Registration {
  source: string;
  byFolder: Map<string, ParamsOf<"pluginsRegister">["plugins"]>;
}

export function openClientPlugins({ resolveRealPath, onChanged, onSourceRemoved }: ClientPluginsDeps): ClientPlugins {
  const registrations = new Map<object, Registration>();
  return {
    register(connection, client, { cwd, plugins }) {
      const registration = registrations.get(connection) ?? { source: `the client ${client}`, byFolder: new Map() };
      registration.byFolder.set(resolveRealPath(cwd), plugins);
      registrations.set(connection, registration);
      onChanged();
      return registration.source;
    },
    release(connection) {
      const registration = registrations.get(connection);
      if (!registrations.delete(connection) || !registration) return;
      const { source } = registration;
      if (![...registrations.values()].some((other) => other.source === source)) onSourceRemoved(source);
      onChanged();
    },
    addTo(loaded) {
      const registered = [...registrations.values()].flatMap(({ source, byFolder }) => {
        const plugins = byFolder.get(loaded.root);
        return plugins ? [{ file: source, plugins }] : [];
      });
      return registered.length === 0
        ? loaded
        : { ...loaded, projectPlugins: [...loaded.projectPlugins, ...registered] };
    },
  };
}

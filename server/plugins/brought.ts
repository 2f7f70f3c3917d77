/**
 * Plugins that clients name for a folder while they are connected: MCP servers from the settings of an editor. They are named, and no
 * more: a person's yes is as for those in a file of the project.
 */
import type { ParamsOf } from "../../protocol/methods.ts";
import type { Loaded } from "../config/config.ts";

export interface Brought {
  /** `owner` stands for a connection. Returns the source that they are listed with. */
  bring(owner: object, client: string, what: ParamsOf<"pluginsBring">): string;
  /** The connection is gone, and with it what it named. */
  letGo(owner: object): void;
  /** What files say, and after it what clients brought to the folder. */
  beside(loaded: Loaded): Loaded;
}

interface Bringing {
  source: string;
  offered: Map<string, ParamsOf<"pluginsBring">["plugins"]>;
}

/** `real`: of a folder; `gone`: nobody names plugins with this source any more. */
export function openBrought(
  real: (path: string) => string,
  changed: () => void,
  gone: (source: string) => void,
): Brought {
  const bringings = new Map<object, Bringing>();
  return {
    bring(owner, client, { cwd, plugins }) {
      const known = bringings.get(owner) ?? { source: `the client ${client}`, offered: new Map() };
      known.offered.set(real(cwd), plugins);
      bringings.set(owner, known);
      changed();
      return known.source;
    },
    letGo(owner) {
      const known = bringings.get(owner);
      if (!bringings.delete(owner) || !known) return;
      if (![...bringings.values()].some(({ source }) => source === known.source)) gone(known.source);
      changed();
    },
    beside(loaded) {
      const brought = [...bringings.values()].flatMap(({ source, offered }) => {
        const plugins = offered.get(loaded.root);
        return plugins ? [{ file: source, plugins }] : [];
      });
      return brought.length === 0 ? loaded : { ...loaded, offered: [...loaded.offered, ...brought] };
    },
  };
}

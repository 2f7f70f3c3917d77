/** The keys of a command as they are bound now, for messages. */
import { describeKeys } from "../keys/key.ts";
import { bindingsFor } from "../keys/keyboard.ts";
import type { App } from "./app.ts";

/** Empty if no key is bound. */
export const keysOf = (app: Pick<App, "keyboard">, command: string): string =>
  describeKeys(bindingsFor(app.keyboard(), command)[0] ?? "");

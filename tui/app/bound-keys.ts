/** The keys of a command as they are bound now, for messages. */
import { describeKeys } from "../keys/key.ts";
import { bindingsFor, type Keyboard } from "../keys/keyboard.ts";
import type { App } from "./app.ts";

/** Empty if no key is bound. */
export const describeBinding = (app: Pick<App, "keyboard">, command: string): string =>
  describeKeys(firstBinding(app.keyboard(), command, process.env));

/** tmux passes these keys on as Enter, unless it is configured not to. */
const lostInTmux = /^(?:ctrl|shift)\+enter$/;

/** The binding to name to the user: one that this terminal can send, if there is one. */
export function firstBinding(keyboard: Keyboard, command: string, env: NodeJS.ProcessEnv): string {
  const all = bindingsFor(keyboard, command);
  const sent = env.TMUX ? all.filter((keys) => !lostInTmux.test(keys)) : all;
  return sent[0] ?? all[0] ?? "";
}

/** The folder that things are asked for: that of the session, else the one that the program was started in. */
import type { State } from "./state.ts";

export const folderOf = ({ view, cwd }: Pick<State, "view" | "cwd">): string => view?.cwd || cwd;

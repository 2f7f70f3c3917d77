/** The table of tools, in the order in which they are sent to the model. */
import type { Tool } from "../ports.ts";
import { ask } from "./ask.ts";
import { bash } from "./bash.ts";
import { edit } from "./edit.ts";
import { fetch } from "./fetch.ts";
import { glob } from "./glob.ts";
import { grep } from "./grep.ts";
import { list } from "./list.ts";
import { patch } from "./patch.ts";
import { plan } from "./plan.ts";
import { read } from "./read.ts";
import { write } from "./write.ts";

const tools: readonly Tool[] = [read, write, edit, patch, bash, grep, glob, list, plan, ask, fetch];

/** Only one of the two editing tools is offered: `patch` to models that were trained on it, `edit` to all others. */
export function toolsFor(model: { prefersPatch: boolean }): Tool[] {
  const other = model.prefersPatch ? "edit" : "patch";
  return tools.filter((tool) => tool.name !== other);
}

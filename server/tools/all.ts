/** The table of tools, in the order in which a model is told of them. */
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

/** One way to edit is offered, not two: `patch` to models that were trained on it, `edit` to the others. */
export function toolsFor(model: { prefersPatch: boolean }): Tool[] {
  const other = model.prefersPatch ? "edit" : "patch";
  return tools.filter((tool) => tool.name !== other);
}

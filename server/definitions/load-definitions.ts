/** What reads the definitions of files, in one bundle: a start that needs one of these functions mostly needs them all. */
import { openDefinitionIndex } from "./definition-index.ts";
import { loadAgents } from "./load-agents.ts";
import { loadCommands } from "./load-commands.ts";
import { loadSkills } from "./load-skills.ts";

export const loaders = { openDefinitionIndex, loadAgents, loadCommands, loadSkills };

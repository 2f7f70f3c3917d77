/** A plugin of one's own, tried: what a host will find wrong with it, said before others meet it. */
import { pluginRequests, type WidgetSlot } from "../../protocol/plugin.ts";
import type { PluginLink } from "./link.ts";
import type { Offered } from "./pins.ts";
import { offeredBy } from "./pins.ts";
import { nameProblem } from "./tools.ts";

export interface Check {
  name: string;
  state: "passed" | "failed" | "warning";
  detail: string;
}

const ASK_MS = 5_000;
/** A name of about the length that people give. */
const NAME = "plugin-name";

export async function check(open: () => Promise<PluginLink>): Promise<Check[]> {
  const checks: Check[] = [];
  const passed = (name: string, detail = ""): void => void checks.push({ name, state: "passed", detail });
  const failed = (name: string, detail: string): void => void checks.push({ name, state: "failed", detail });
  let link: PluginLink;
  const begun = performance.now();
  try {
    link = await open();
  } catch (error) {
    failed("initialize", message(error));
    return checks;
  }
  try {
    passed("initialize", `${link.server.name} ${link.server.version}, ${Math.round(performance.now() - begun)} ms`);
    const offered = await offeredBy(link).catch((error: unknown) => {
      failed("lists", message(error));
      return null;
    });
    if (!offered) return checks;
    passed("lists", `${offered.tools.length} tools, ${offered.prompts.length} prompts`);
    checks.push(...offered.tools.flatMap(toolChecks));
    await contributionChecks(link, offered, passed, failed);
  } finally {
    await link.close();
  }
  return checks;
}

function toolChecks(tool: Offered["tools"][number]): Check[] {
  const name = `tool ${tool.name}`;
  const problem = nameProblem(NAME, tool.name);
  if (problem !== null) return [{ name, state: "failed", detail: problem }];
  if (tool.schema.type !== "object") return [{ name, state: "failed", detail: "its schema is not that of an object" }];
  if (tool.description.trim() === "")
    return [{ name, state: "warning", detail: "it has no description, so models will not find it" }];
  return [{ name, state: "passed", detail: "" }];
}

async function contributionChecks(
  link: PluginLink,
  { declaration }: Offered,
  passed: (name: string, detail?: string) => void,
  failed: (name: string, detail: string) => void,
): Promise<void> {
  const ask = async (
    name: string,
    method: keyof typeof pluginRequests,
    params: Record<string, unknown>,
  ): Promise<void> => {
    try {
      const answer = await link.request(method, params, { timeoutMs: ASK_MS });
      if (answer === null) return failed(name, `it does not know ${method}`);
      const read = pluginRequests[method].result.safeParse(answer);
      if (read.success) return passed(name);
      const [issue] = read.error.issues;
      failed(name, `its answer is wrong at ${issue?.path.join(".") || "the top"}: ${issue?.message}`);
    } catch (error) {
      failed(name, message(error));
    }
  };
  const lists = {
    themes: "tutti/theme/list",
    providers: "tutti/provider/list",
    agents: "tutti/agent/list",
    skills: "tutti/skill/list",
    keymaps: "tutti/keymap/list",
  } as const;
  for (const [what, method] of Object.entries(lists))
    if (declaration?.contributes?.includes(what as keyof typeof lists)) await ask(what, method, {});
  for (const { name, slots } of declaration?.widgets ?? [])
    for (const slot of slots as WidgetSlot[])
      await ask(`widget ${name} in ${slot}`, "tutti/widget/render", {
        widget: name,
        slot,
        width: 30,
        height: 5,
        view: null,
      });
  for (const { event, match } of declaration?.hooks ?? [])
    passed(`hook ${event}`, match === undefined ? "" : `for ${match}`);
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Checks a plugin during development for problems that a host would find. */
import { describeError } from "../../protocol/errors.ts";
import { pluginRequests, type WidgetSlot } from "../../protocol/plugin.ts";
import type { PluginOffer } from "./approval-diff.ts";
import { fetchOffer } from "./approval-diff.ts";
import type { PluginConnection } from "./plugin-connection.ts";
import { checkToolSchema } from "./tool-schema.ts";
import { getToolName } from "./tools.ts";

export interface CheckResult {
  name: string;
  state: "passed" | "failed" | "warning";
  detail: string;
}

const ASK_MS = 5_000;
/** A plugin name of typical length. */
const NAME = "plugin-name";

export async function checkPlugin(open: () => Promise<PluginConnection>): Promise<CheckResult[]> {
  const checks: CheckResult[] = [];
  const pass = (name: string, detail = ""): void => void checks.push({ name, state: "passed", detail });
  const fail = (name: string, detail: string): void => void checks.push({ name, state: "failed", detail });
  let connection: PluginConnection;
  const startedAt = performance.now();
  try {
    connection = await open();
  } catch (error) {
    fail("initialize", describeError(error));
    return checks;
  }
  try {
    pass(
      "initialize",
      `${connection.server.name} ${connection.server.version}, ${Math.round(performance.now() - startedAt)} ms`,
    );
    const offered = await fetchOffer(connection).catch((error: unknown) => {
      fail("lists", describeError(error));
      return null;
    });
    if (!offered) return checks;
    pass("lists", `${offered.tools.length} tools, ${offered.prompts.length} prompts`);
    for (const problem of connection.problems()) fail("lists", problem);
    checks.push(...offered.tools.flatMap(checkTool));
    await checkContributions(connection, offered, pass, fail);
  } finally {
    await connection.close();
  }
  return checks;
}

function checkTool(tool: PluginOffer["tools"][number]): CheckResult[] {
  const name = `tool ${tool.name}`;
  const problem = checkToolSchema(tool.schema);
  if (problem !== null) return [{ name, state: "failed", detail: problem }];
  const offeredAs = getToolName(NAME, tool.name);
  if (offeredAs !== `${NAME}__${tool.name}`)
    return [{ name, state: "warning", detail: `models cannot use this name; it is offered as ${offeredAs}` }];
  if (tool.description.trim() === "")
    return [{ name, state: "warning", detail: "it has no description, so models will not find it" }];
  return [{ name, state: "passed", detail: "" }];
}

async function checkContributions(
  connection: PluginConnection,
  { declaration }: PluginOffer,
  pass: (name: string, detail?: string) => void,
  fail: (name: string, detail: string) => void,
): Promise<void> {
  const ask = async (
    name: string,
    method: keyof typeof pluginRequests,
    params: Record<string, unknown>,
  ): Promise<void> => {
    try {
      const result = await connection.request(method, params, { timeoutMs: ASK_MS });
      if (result === null) return fail(name, `it does not implement ${method}`);
      const read = pluginRequests[method].result.safeParse(result);
      if (read.success) return pass(name);
      const [issue] = read.error.issues;
      fail(name, `its result is invalid at ${issue?.path.join(".") || "the top"}: ${issue?.message}`);
    } catch (error) {
      fail(name, describeError(error));
    }
  };
  const lists = {
    themes: "tutti/theme/list",
    providers: "tutti/provider/list",
    agents: "tutti/agent/list",
    skills: "tutti/skill/list",
    keymaps: "tutti/keymap/list",
  } as const;
  for (const [kind, method] of Object.entries(lists))
    if (declaration?.contributes?.includes(kind as keyof typeof lists)) await ask(kind, method, {});
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
    pass(`hook ${event}`, match === undefined ? "" : `for ${match}`);
}

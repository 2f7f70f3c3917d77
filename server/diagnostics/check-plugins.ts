/** Starts every approved plugin of a folder for `tutti doctor`, and says which of them cannot be used. */
import { describeError } from "../../protocol/errors.ts";
import type { ResultOf } from "../../protocol/methods.ts";
import type { LazyPlugins } from "../plugins/lazy-plugins.ts";

type Check = ResultOf<"serverDoctor">["checks"][number];

export async function checkPlugins(plugins: Pick<LazyPlugins, "isNeeded" | "open">, cwd: string): Promise<Check[]> {
  if (!(await plugins.isNeeded(cwd))) return [];
  const found = await (await plugins.open()).plugins(cwd);
  const checks = await Promise.all(
    found.plugins.map(async ({ spec, approval, connect }): Promise<Check> => {
      const name = `plugin ${spec.name}`;
      if (!spec.enabled) return { name, state: "ok", detail: "Disabled." };
      if (!approval)
        return {
          name,
          state: "warning",
          detail: `Not approved. Review it with \`tutti plugins approve ${spec.name}\`.`,
        };
      try {
        await connect();
        return { name, state: "ok", detail: "It starts." };
      } catch (error) {
        return { name, state: "failed", detail: describeError(error) };
      }
    }),
  );
  const remarks = [...found.problems, ...found.remarks];
  return [...checks, ...remarks.map((detail): Check => ({ name: "plugins", state: "warning", detail }))];
}

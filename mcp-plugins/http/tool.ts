/** Adds annotations to tools that use a service on the network. */
import type { Tool } from "../sdk/plugin.ts";

/** A tool that changes nothing. */
export const readOnlyTool = <I>(tool: Tool<I>): Tool<I> => ({
  ...tool,
  annotations: { readOnlyHint: true, openWorldHint: true },
});

/** A tool that adds something; calling it twice adds it twice. */
export const createTool = <I>(tool: Tool<I>): Tool<I> => ({
  ...tool,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
});

/** A tool that replaces something; calling it twice has the same effect as once. */
export const updateTool = <I>(tool: Tool<I>): Tool<I> => ({
  ...tool,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
});

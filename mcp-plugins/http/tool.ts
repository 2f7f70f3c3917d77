/** Tools that reach a service on the network, with the hints that are true of them. */
import type { Tool } from "../sdk/plugin.ts";

/** It changes nothing. */
export const readOnlyTool = <I>(tool: Tool<I>): Tool<I> => ({
  ...tool,
  annotations: { readOnlyHint: true, openWorldHint: true },
});

/** It adds something; twice the same is there twice. */
export const createTool = <I>(tool: Tool<I>): Tool<I> => ({
  ...tool,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
});

/** It puts something in the place of what was there; twice the same is once. */
export const updateTool = <I>(tool: Tool<I>): Tool<I> => ({
  ...tool,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
});

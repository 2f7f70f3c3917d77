/** `tutti acp`: the agent for editors that speak the Agent Client Protocol. A client of the shared server. */
import { type AcpOptions, serve } from "./serve.ts";
import { createAgent } from "./v1/agent.ts";

export const runAcp = (options: AcpOptions): Promise<number> =>
  serve(options, (deps, stream) => createAgent(deps).connect(stream));

/** `tutti acp`: an agent for editors that speak the Agent Client Protocol, on standard input and output; a client of the shared server. */
import { type AcpOptions, serve } from "./serve.ts";
import { agentOf } from "./v1/agent.ts";

export const runAcp = (options: AcpOptions): Promise<number> =>
  serve(options, (parts, stream) => agentOf(parts).connect(stream));

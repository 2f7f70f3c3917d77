/** `tutti acp --draft-v2`: offers version 1 and the draft of version 2. The editor chooses when it initializes. */
import { agentProtocolRouter } from "@agentclientprotocol/sdk/experimental/v2";
import { type AcpOptions, serve } from "../serve.ts";
import * as v1 from "../v1/agent.ts";
import { createAgent } from "./agent.ts";

export const runAcp = (options: AcpOptions): Promise<number> =>
  serve(options, (deps, stream) =>
    agentProtocolRouter().withV1(v1.createAgent(deps)).withV2(createAgent(deps)).connect(stream),
  );

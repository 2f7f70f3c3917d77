/** `tutti acp --draft-v2`: the draft of version 2 beside version 1; an editor gets the one that it asks for. */
import { agentProtocolRouter } from "@agentclientprotocol/sdk/experimental/v2";
import { type AcpOptions, serve } from "../serve.ts";
import * as v1 from "../v1/agent.ts";
import { agentOf } from "./agent.ts";

export const runAcp = (options: AcpOptions): Promise<number> =>
  serve(options, (parts, stream) =>
    agentProtocolRouter().withV1(v1.agentOf(parts)).withV2(agentOf(parts)).connect(stream),
  );

/** The HTTP request that an endpoint receives for a model request. */
import assert from "node:assert/strict";
import type { Compat, Target } from "../../server/model/target.ts";
import type { ModelRequest } from "../../server/ports.ts";
import { ask, collect, targetFor } from "./model-client.ts";
import { answer, type Received, scriptedEndpoint } from "./scripted-endpoint.ts";

export async function requestFor(
  compat: Compat,
  request: Partial<ModelRequest> = {},
  more: Partial<Target> = {},
): Promise<Received> {
  const endpoint = await scriptedEndpoint([answer("ok")]);
  await collect(targetFor(endpoint.baseUrl, { compat, ...more }), ask("hi", request));
  await endpoint.close();
  const received = endpoint.received[0];
  assert.ok(received);
  return received;
}

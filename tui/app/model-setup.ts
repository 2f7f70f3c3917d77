/** What the set-up of a model offers and how it tests a choice, for the dialog and the line mode. */
import type { ReconnectingClient } from "../../client/reconnecting-client.ts";
import { describeError, TuttiError } from "../../protocol/errors.ts";
import type { ResultOf } from "../../protocol/methods.ts";
import { defaultRehearsal, rehearsalProvider } from "../../protocol/rehearsal.ts";

export type Provider = ResultOf<"providerList">["providers"][number];
export type LocalEndpoint = ResultOf<"modelDiscover">["endpoints"][number];
export type Check = ResultOf<"providerTest">["checks"][number];
type Server = Pick<ReconnectingClient, "call">;

/** The scripted model. Never saved: the next start asks again for a real one. */
export const REHEARSAL = `${rehearsalProvider}/${defaultRehearsal}`;

export const isRehearsal = (id: string): boolean => id.startsWith(`${rehearsalProvider}/`);

/** Other failures than a missing model are shown when a prompt is sent. */
export async function hasModel(server: Server): Promise<boolean> {
  try {
    await server.call("modelCheck", {});
    return true;
  } catch (error) {
    return !isMissingModel(error);
  }
}

export const isMissingModel = (error: unknown): boolean => error instanceof TuttiError && error.code === "noModel";

/** A server on this machine, which needs no API key and may not be running. */
export const isLocal = ({ key, baseUrl }: Provider): boolean =>
  key === "not needed" && /^https?:\/\/(localhost|127\.[\d.]+|\[::1\])([:/]|$)/.test(baseUrl);

/** Without its variables, the address of some providers is unknown. */
const hasAddress = ({ baseUrl }: Provider): boolean => baseUrl !== "" && !baseUrl.includes("{");

/** The local servers that answer, and the providers that are not local. `warn`: called if local servers could not be searched. */
export async function listModelSources(
  server: Server,
  warn: (message: string) => void,
): Promise<{ endpoints: readonly LocalEndpoint[]; providers: Provider[] }> {
  const [{ endpoints }, { providers }] = await Promise.all([
    server.call("modelDiscover", {}).catch((error) => {
      warn(`Local servers could not be searched: ${describeError(error)}`);
      return { endpoints: [] };
    }),
    server.call("providerList", {}),
  ]);
  return {
    endpoints,
    providers: providers.filter((one) => one.id !== rehearsalProvider && !isLocal(one) && hasAddress(one)),
  };
}

export function splitName(id: string): { provider: string; model: string } {
  const slash = id.indexOf("/");
  return { provider: id.slice(0, slash), model: id.slice(slash + 1) };
}

/** The check without which a model cannot be used at all. */
const STREAMING_CHECK = "streaming";

export const createFailedCheck = (error: unknown): Check => ({
  name: STREAMING_CHECK,
  state: "failed",
  detail: describeError(error),
});

export interface TestResult {
  responds: boolean;
  callsTools: boolean;
  /** Failed checks that prevent use as an agent. */
  failed: readonly Check[];
}

export function summarizeChecks(checks: readonly Check[]): TestResult {
  const failed = checks.filter(
    ({ name, state }) => state === "failed" && (name === STREAMING_CHECK || name === "tools"),
  );
  return {
    responds: failed.every(({ name }) => name !== STREAMING_CHECK),
    callsTools: checks.some(({ name, state }) => name === "tools" && state === "ok"),
    failed,
  };
}

/** The system keychain: macOS, Windows, or the Secret Service of a Linux desktop. Loaded on first use. */
import type { Keychain } from "./keys.ts";

const service = "tutti";
/** A locked keychain may prompt the user; a missing one may never respond. */
const timeoutMs = 10_000;

/** Null if there is no keychain, or if `TUTTI_KEYCHAIN=off`. */
export async function openKeychain(env: Readonly<Record<string, string | undefined>>): Promise<Keychain | null> {
  if (env.TUTTI_KEYCHAIN === "off") return null;
  const Entry = await import("@napi-rs/keyring").then(
    ({ AsyncEntry }) => AsyncEntry,
    () => null,
  );
  if (Entry === null) return null;
  // The kernel keyring does not survive a restart, so only the desktop's store is used on Linux.
  const entry = (provider: string) => new Entry(service, provider, { linux: { store: "secret-service" } });
  const within = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const signal = AbortSignal.timeout(timeoutMs);
    const timeout = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(new Error("The keychain does not respond.")), { once: true });
    });
    return Promise.race([work(signal), timeout]);
  };
  return {
    get: (provider) => within(async (signal) => (await entry(provider).getPassword(signal)) ?? null),
    set: (provider, text) => within((signal) => entry(provider).setPassword(text, signal)),
    remove: (provider) => within(async (signal) => Boolean(await entry(provider).deleteCredential(signal))),
  };
}

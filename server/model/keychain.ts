/** The system's keychain: macOS, Windows, or the secret service of a Linux desktop. Loaded only where it is needed. */
import type { Keychain } from "./keys.ts";

const service = "tutti";
/** A locked keychain may ask its person; a missing one may never answer. */
const patienceMs = 10_000;

/** Null where there is none, or `TUTTI_KEYCHAIN=off` says not to ask. */
export async function openKeychain(env: Readonly<Record<string, string | undefined>>): Promise<Keychain | null> {
  if (env.TUTTI_KEYCHAIN === "off") return null;
  const Entry = await import("@napi-rs/keyring").then(
    ({ AsyncEntry }) => AsyncEntry,
    () => null,
  );
  if (Entry === null) return null;
  // The kernel's own store forgets at the next start, so on Linux only the desktop's will do.
  const entry = (provider: string) => new Entry(service, provider, { linux: { store: "secret-service" } });
  const within = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const signal = AbortSignal.timeout(patienceMs);
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(new Error("The keychain does not answer.")), { once: true });
    });
    return Promise.race([work(signal), late]);
  };
  return {
    get: (provider) => within(async (signal) => (await entry(provider).getPassword(signal)) ?? null),
    set: (provider, text) => within((signal) => entry(provider).setPassword(text, signal)),
    remove: (provider) => within(async (signal) => Boolean(await entry(provider).deleteCredential(signal))),
  };
}

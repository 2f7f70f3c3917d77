/** The keys of a share: those that the secret of an invite leads to, the owner's, and those of an epoch. All by WebCrypto. */
import { type Bytes, concat, encodeText, fromBase64, toBase64 } from "./encode.ts";
import { FINGERPRINT_BYTES } from "./share-link.ts";

const SIGNATURE = "Ed25519";
/** PKCS #8 of an Ed25519 key, up to its seed. */
const PKCS8_START = new Uint8Array([48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32]);

export interface SigningKey {
  privateKey: CryptoKey;
  /** 32 bytes. */
  publicKey: Bytes;
}

/** What an invite's secret is good for. The hub gets `id` and the SHA-256 of `token`. */
export interface InviteKeys {
  /** 128 bits in base64url: names the invite to the hub. */
  id: string;
  /** 256 bits in base64url: shows the hub that a guest has the link. */
  token: string;
  /** Opens the epoch's key, which the owner seals for each invite. */
  wrapping: CryptoKey;
  /** Signs the request to join. What a guest may then do is decided by the owner's list of invites. */
  signing: SigningKey;
}

export async function deriveInviteKeys(share: string, secret: Bytes): Promise<InviteKeys> {
  const derive = createDerivation(secret, encodeText(share));
  const [id, token, wrapping, seed] = await Promise.all([
    derive("invite", 16),
    derive("hub token", 32),
    derive("wrapping", 32),
    derive("signing", 32),
  ]);
  return {
    id: toBase64(id),
    token: toBase64(token),
    wrapping: await importAes(wrapping),
    signing: await signingKey(seed),
  };
}

/** The AES key that `sender` uses for one purpose in one epoch. Each has its own, so that counters can serve as nonces. */
export async function deriveEpochKey(epochKey: Bytes, purpose: "stream" | "intent" | "direct", sender: string) {
  return importAes(await createDerivation(epochKey, encodeText(sender))(purpose, 32));
}

/** `seed`: 32 random bytes. */
export async function signingKey(seed: Bytes): Promise<SigningKey> {
  const pkcs8 = concat(PKCS8_START, seed);
  const extractable = await crypto.subtle.importKey("pkcs8", pkcs8, SIGNATURE, true, ["sign"]);
  const { x = "" } = await crypto.subtle.exportKey("jwk", extractable);
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, SIGNATURE, false, ["sign"]);
  return { privateKey, publicKey: fromBase64(x) ?? new Uint8Array() };
}

export const sign = async ({ privateKey }: SigningKey, data: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.sign(SIGNATURE, privateKey, data));

export async function importPublicKey(publicKey: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", publicKey, SIGNATURE, false, ["verify"]);
}

export const verify = (key: CryptoKey, signature: Bytes, data: Bytes): Promise<boolean> =>
  crypto.subtle.verify(SIGNATURE, key, signature, data);

export const sha256 = async (data: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", data));

export const fingerprint = async (publicKey: Bytes): Promise<Bytes> =>
  (await sha256(publicKey)).slice(0, FINGERPRINT_BYTES);

const importAes = (key: Bytes): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);

function createDerivation(secret: Bytes, salt: Bytes): (info: string, count: number) => Promise<Bytes> {
  const base = crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  return async (info, count) => {
    const algorithm = { name: "HKDF", hash: "SHA-256", salt, info: encodeText(`tutti share 1 ${info}`) };
    return new Uint8Array(await crypto.subtle.deriveBits(algorithm, await base, count * 8));
  };
}

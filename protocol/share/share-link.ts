/**
 * The link to a shared session: `https://HUB/s/SHARE#SECRET`. A browser never sends what follows `#`: the secret of one invite, from which
 * all of its keys are derived (invite-keys.ts), and the fingerprint of the owner's key, so that the hub cannot stand in for the owner.
 */
import { TuttiError } from "../errors.ts";
import { type Bytes, concat, fromBase64, toBase64 } from "./encode.ts";

export interface ShareLink {
  /** The origin of the hub. */
  hub: string;
  /** 128 random bits in base64url. */
  share: string;
  /** 256 random bits. */
  secret: Bytes;
  /** The first 128 bits of the SHA-256 of the owner's public key. */
  owner: Bytes;
}

export const SHARE_ID = /^[A-Za-z0-9_-]{21}[AQgw]$/;
const SECRET_BYTES = 32;
export const FINGERPRINT_BYTES = 16;

export const formatShareLink = ({ hub, share, secret, owner }: ShareLink): string =>
  `${hub}/s/${share}#${toBase64(concat(secret, owner))}`;

/** Throws a `TuttiError` (usage) that says which part of the link is wrong. Never quotes the secret. */
export function parseShareLink(text: string): ShareLink {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw invalid("it is not an address");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") throw invalid(`it begins with ${url.protocol}`);
  if (url.username !== "" || url.password !== "" || url.search !== "") throw invalid("it has a user name or a query");
  const share = /^\/s\/([^/]+)\/?$/.exec(url.pathname)?.[1];
  if (share === undefined || !SHARE_ID.test(share)) throw invalid(`its path is ${url.pathname.slice(0, 60)}`);
  if (url.hash.length < 2) throw invalid("the part after # is missing, which holds the key");
  const secrets = fromBase64(url.hash.slice(1));
  if (secrets?.length !== SECRET_BYTES + FINGERPRINT_BYTES) throw invalid("the part after # is damaged or was cut off");
  return {
    hub: url.origin,
    share,
    secret: secrets.slice(0, SECRET_BYTES),
    owner: secrets.slice(SECRET_BYTES),
  };
}

const invalid = (reason: string): TuttiError =>
  new TuttiError(
    "usage",
    `This is not a complete link to a shared session: ${reason}. Copy the whole link, from http to the last character, or ask for a new one.`,
  );

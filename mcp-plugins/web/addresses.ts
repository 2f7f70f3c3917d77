/** Decides which addresses pages may be fetched from: the public internet, and hosts that the user allows. */
import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { setting } from "../http/settings.ts";

/** `1` for all, or a comma-separated list of hosts with or without a port. */
const allowedHosts = (setting("WEB_ALLOW_PRIVATE") ?? "").split(",").map((one) => one.trim().toLowerCase());

/** Excludes this machine, local networks, link-local addresses, cloud metadata, and tunnels to them. */
const isPublic = (address: string): boolean => ipaddr.isValid(address) && ipaddr.process(address).range() === "unicast";

const isAllowed = ({ host, hostname }: URL): boolean =>
  allowedHosts.includes("1") ||
  allowedHosts.includes(host.toLowerCase()) ||
  allowedHosts.includes(hostname.toLowerCase());

/** Parses a URL; throws if it is not a web page. */
export function parseUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url === null) throw new Error(`"${text}" is not a URL. Use a full URL such as https://example.com/page.`);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new Error(`${url.protocol} URLs are not supported; use https: or http:.`);
  if (url.username !== "" || url.password !== "")
    throw new Error("URLs with a user name or password are not supported.");
  return url;
}

const createBlockedError = (host: string, address: string): Error =>
  new Error(
    `${host} is not on the public internet (${address}). To allow it, the user can set WEB_ALLOW_PRIVATE=${host}.`,
  );

/**
 * A lookup function for one connection, so that the checked address is the one that is connected to. One blocked address blocks the
 * whole name: names that mix public and private addresses are attacks.
 */
export function createLookup(url: URL): LookupFunction {
  const isBlocked = (address: string): boolean => !isAllowed(url) && !isPublic(address);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  // IP addresses are connected to without a lookup.
  if (isIP(host) !== 0 && isBlocked(host)) throw createBlockedError(url.host, host);
  const lookupChecked = async (name: string): Promise<LookupAddress[]> => {
    const addresses = await lookup(name, { all: true });
    const blocked = addresses.find(({ address }) => isBlocked(address));
    if (blocked) throw createBlockedError(url.host, blocked.address);
    return addresses;
  };
  return (name, options, callback) => void passResult(lookupChecked(name), options.all, callback);
}

type LookupCallback = Parameters<LookupFunction>[2];

/** Passes all addresses, or the first, to the callback. */
async function passResult(
  pending: Promise<LookupAddress[]>,
  all: boolean | undefined,
  callback: LookupCallback,
): Promise<void> {
  try {
    const addresses = await pending;
    const [first = { address: "", family: 4 }] = addresses;
    if (all) callback(null, addresses);
    else callback(null, first.address, first.family);
  } catch (error) {
    callback(error as NodeJS.ErrnoException, []);
  }
}

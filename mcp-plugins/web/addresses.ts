/** Which addresses pages may be fetched from: the public internet, and what the person allows beside it. */
import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { setting } from "../http/settings.ts";

/** `1` for all, or hosts with or without a port, with commas between. */
const allowedHosts = (setting("WEB_ALLOW_PRIVATE") ?? "").split(",").map((one) => one.trim().toLowerCase());

/** Ranges of its library that are not unicast: this machine, this network, links, metadata of clouds, tunnels into them. */
const isPublic = (address: string): boolean => ipaddr.isValid(address) && ipaddr.process(address).range() === "unicast";

const isAllowed = ({ host, hostname }: URL): boolean =>
  allowedHosts.includes("1") || allowedHosts.includes(host.toLowerCase()) || allowedHosts.includes(hostname.toLowerCase());

/** An address as given; throws where it is none of the web's. */
export function parseUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url === null) throw new Error(`"${text}" is not an address. Write it whole, as in https://example.com/page.`);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new Error(`${url.protocol} addresses are not read; only https: and http: are.`);
  if (url.username !== "" || url.password !== "")
    throw new Error("An address with a user name or password in it is not read.");
  return url;
}

const createBlockedError = (host: string, address: string): Error =>
  new Error(
    `${host} is not on the public internet (${address}), so it is not read. A person may allow it: WEB_ALLOW_PRIVATE=${host}.`,
  );

/**
 * Looks a name up when it is dialled, so that what is judged is what is connected to. One address that is not public spoils them all:
 * names that mix them are made to deceive.
 */
export function createLookup(url: URL): LookupFunction {
  const isBlocked = (address: string): boolean => !isAllowed(url) && !isPublic(address);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  // Numbers are connected to without a lookup.
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

/** As the dialler wants it: all addresses, or the first. */
async function passResult(pending: Promise<LookupAddress[]>, all: boolean | undefined, callback: LookupCallback): Promise<void> {
  try {
    const addresses = await pending;
    const [first = { address: "", family: 4 }] = addresses;
    if (all) callback(null, addresses);
    else callback(null, first.address, first.family);
  } catch (error) {
    callback(error as NodeJS.ErrnoException, []);
  }
}

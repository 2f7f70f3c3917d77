/** Which hosts are out on the public internet. Everything else (this machine, this network, the cloud's metadata) is refused. */

/** Names that never leave the network they are asked in. */
const localName = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|home\.arpa|localdomain)$/;

/** Null for a name that may be looked up, else what is wrong with it. */
export function refuseName(host: string): string | null {
  const name = host.toLowerCase().replace(/\.$/, "");
  return localName.test(name) ? `${host} is a name of a local network` : null;
}

export type IsPublic = (address: string) => boolean;

/** The judge of addresses, in any way of writing them; loaded when first needed. */
export async function loadIsPublic(): Promise<IsPublic> {
  const { default: ipaddr } = await import("ipaddr.js");
  return (address) => {
    if (!ipaddr.isValid(address)) return false;
    // `process` takes an IPv4 address out of its IPv6 wrapping; other ways to wrap one have ranges of their own.
    return ipaddr.process(address).range() === "unicast";
  };
}

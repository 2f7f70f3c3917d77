/** Tells hosts on the public internet from all others: this machine, this network, cloud metadata. */

/** Names that resolve only in a local network. */
const localName = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|home\.arpa|localdomain)$/;

/** Null if the name may be resolved, else the problem with it. */
export function checkHostName(host: string): string | null {
  const name = host.toLowerCase().replace(/\.$/, "");
  return localName.test(name) ? `${host} is a name of a local network` : null;
}

export type IsPublic = (address: string) => boolean;

/** Returns a check for addresses in any notation. Loads its library on first use. */
export async function loadIsPublic(): Promise<IsPublic> {
  const { default: ipaddr } = await import("ipaddr.js");
  return (address) => {
    if (!ipaddr.isValid(address)) return false;
    // `process` unwraps an IPv4-mapped IPv6 address; other mappings have their own ranges.
    return ipaddr.process(address).range() === "unicast";
  };
}

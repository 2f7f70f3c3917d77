/** Tells private and loopback addresses from public ones. A key may travel over plain http only to a private address. */
import { BlockList, isIP } from "node:net";

/** Built on the first check, to keep the start fast. */
const getPrivateRanges = memoize(() => {
  const list = new BlockList();
  const ranges: [string, number, "ipv4" | "ipv6"][] = [
    ["0.0.0.0", 8, "ipv4"],
    ["127.0.0.0", 8, "ipv4"],
    ["10.0.0.0", 8, "ipv4"],
    ["172.16.0.0", 12, "ipv4"],
    ["192.168.0.0", 16, "ipv4"],
    ["169.254.0.0", 16, "ipv4"],
    ["100.64.0.0", 10, "ipv4"],
    ["::", 127, "ipv6"],
    ["fc00::", 7, "ipv6"],
    ["fe80::", 10, "ipv6"],
  ];
  for (const [network, prefix, family] of ranges) list.addSubnet(network, prefix, family);
  return list;
});

function memoize<T>(create: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= create();
    return value;
  };
}

export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && getPrivateRanges().check(address, family === 4 ? "ipv4" : "ipv6");
}

/** `ask`: the name alone does not tell, so its address must be checked. */
export function isPrivateHost(hostname: string): "yes" | "no" | "ask" {
  const bare = hostname.replace(/^\[|\]$/g, "");
  if (bare === "localhost" || bare.endsWith(".localhost")) return "yes";
  if (isIP(bare) !== 0) return isPrivateAddress(bare) ? "yes" : "no";
  return "ask";
}

export function isLoopbackHost(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, "");
  return bare === "localhost" || bare === "::1" || (isIP(bare) === 4 && bare.startsWith("127."));
}

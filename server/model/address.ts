/** Which addresses are this machine or a private network: only there may a key travel over plain http. Pure. */
import { BlockList, isIP } from "node:net";

let near: BlockList | null = null;

function nearby(): BlockList {
  if (near !== null) return near;
  near = new BlockList();
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
  for (const [network, prefix, family] of ranges) near.addSubnet(network, prefix, family);
  return near;
}

export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && nearby().check(address, family === 4 ? "ipv4" : "ipv6");
}

/** `yes` and `no` where the name alone tells; `ask` where its address decides. */
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

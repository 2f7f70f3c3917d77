/** What one share, and one client, may use of a hub. */
export interface HubLimits {
  /** Bytes that a share may publish in its whole life. */
  bytesPerShare: number;
  /** Bytes a second that a share may publish; more is read later. */
  bytesPerSecond: number;
  /** Bytes that may be published at once. */
  burst: number;
  guestsPerShare: number;
  /** Messages a second from one guest. */
  intentsPerSecond: number;
  intentBurst: number;
  /** Bytes of one intent. */
  intentBytes: number;
  /** Bytes of one frame. */
  frameBytes: number;
  /** A guest that has not taken this many bytes gets the newest snapshot later. */
  backlog: number;
  /** It gets it when it has taken all but this many. */
  lowBacklog: number;
  /** Connections that have not joined yet. */
  pending: number;
  handshakeMs: number;
  /** Ids of revoked invites that are remembered. */
  revoked: number;
  /** A share without any change for so long is deleted. */
  idleMs: number;
}

const MIB = 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;

export const defaultLimits: HubLimits = {
  bytesPerShare: 256 * MIB,
  bytesPerSecond: MIB,
  burst: 16 * MIB,
  guestsPerShare: 10_000,
  intentsPerSecond: 20,
  intentBurst: 60,
  intentBytes: 8 * MIB,
  frameBytes: 64 * MIB,
  backlog: MIB,
  lowBacklog: 64 * 1024,
  pending: 1024,
  handshakeMs: 10_000,
  revoked: 1000,
  idleMs: 30 * DAY_MS,
};

/** Counts what is used: `rate` a second, `burst` at once. */
export function createAllowance(rate: number, burst: number, now: () => number) {
  let left = burst;
  let at = now();
  return {
    /** Milliseconds until this amount is allowed; 0 if it is, and then it is used. */
    take(amount: number): number {
      const time = now();
      left = Math.min(burst, left + ((time - at) / 1000) * rate);
      at = time;
      left -= amount;
      return left >= 0 ? 0 : (-left / rate) * 1000;
    },
  };
}

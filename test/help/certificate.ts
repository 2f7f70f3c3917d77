/** Creates a self-signed certificate for test servers, without an external program. */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** For an IP address or a host name. With negative `days`, it has expired. */
export function selfSigned(
  name: string,
  goodFor: { ip: string } | { host: string },
  days: number,
): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(oid("1.2.840.10045.4.3.2"));
  const person = sequence(encodeDer(0x31, sequence(oid("2.5.4.3"), encodeDer(0x0c, Buffer.from(name)))));
  const end = Date.now() + days * 86_400_000;
  const validity = sequence(time(Math.min(Date.now(), end) - 86_400_000), time(end));
  const alternative =
    "ip" in goodFor
      ? encodeDer(0x87, Buffer.from(goodFor.ip.split(".").map(Number)))
      : encodeDer(0x82, Buffer.from(goodFor.host));
  const extension = sequence(oid("2.5.29.17"), encodeDer(0x04, sequence(alternative)));
  const serial = encodeDer(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)]));
  const version = encodeDer(0xa0, encodeDer(0x02, Buffer.from([2])));
  const owned = publicKey.export({ type: "spki", format: "der" });
  const body = sequence(
    version,
    serial,
    algorithm,
    person,
    validity,
    person,
    owned,
    encodeDer(0xa3, sequence(extension)),
  );
  const signature = encodeDer(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", body, privateKey)]));
  const cert = sequence(body, algorithm, signature)
    .toString("base64")
    .replace(/.{64}(?=.)/g, "$&\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${cert}\n-----END CERTIFICATE-----\n`,
  };
}

/** DER: a tag, a length, the content. */
function encodeDer(tag: number, content: Uint8Array): Buffer {
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const sequence = (...parts: Uint8Array[]): Buffer => encodeDer(0x30, Buffer.concat(parts));

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = rest.flatMap((part) => {
    const sevens = [part & 0x7f];
    for (let left = part >> 7; left > 0; left >>= 7) sevens.unshift((left & 0x7f) | 0x80);
    return sevens;
  });
  return encodeDer(0x06, Buffer.from([first * 40 + second, ...bytes]));
}

const time = (at: number): Buffer =>
  encodeDer(0x18, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`));

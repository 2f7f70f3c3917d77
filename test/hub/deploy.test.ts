/** The files for hosting a hub: they can be read, and use only flags that exist. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { hub } from "../../cli/hub.ts";

const read = (name: string): string => readFileSync(join(import.meta.dirname, "../../hub/deploy", name), "utf8");
const flags = new Set(hub.flags.map(({ name }) => `--${name}`));

/** The flags among these words. */
const flagsOf = (words: readonly string[]): string[] => words.filter((word) => word.startsWith("--"));

interface Manifest {
  kind: string;
  metadata: { name: string };
  spec: { replicas?: number; template?: { spec: { containers: { name: string; args: string[] }[] } } };
}

describe("the files for hosting a hub", () => {
  it("start a hub in a container with flags that it has", () => {
    const [, entry, standard] = /ENTRYPOINT (\[.*\])\nCMD (\[.*\])/.exec(read("Dockerfile")) ?? [];
    const words = [entry, standard].flatMap((list) => JSON.parse(list ?? "[]") as string[]);
    assert.ok(flagsOf(words).length >= 3);
    assert.deepEqual(
      flagsOf(words).filter((flag) => !flags.has(flag)),
      [],
    );
  });

  it("describe two nodes on three servers with Docker Compose", () => {
    const { services } = parse(read("compose.yaml"), { merge: true }) as {
      services: Record<string, { command: string[]; networks: object }>;
    };
    assert.deepEqual(Object.keys(services), ["nats-0", "nats-1", "nats-2", "hub-0", "hub-1"]);
    for (const [name, { command, networks }] of Object.entries(services)) {
      if (name.startsWith("hub"))
        assert.deepEqual(
          flagsOf(command).filter((flag) => !flags.has(flag)),
          [],
        );
      // The name by which its routes and the hub nodes reach it, on the internal network only.
      else assert.deepEqual(networks, { nats: { aliases: [`${name}.nats`] } });
    }
    for (const name of ["nats-0", "nats-1", "nats-2"]) {
      assert.ok(read("nats.conf").includes(`nats://${name}.nats:6222`));
      assert.ok(services["hub-0"]?.command.join().includes(`@${name}.nats:4222`));
    }
  });

  it("describe two nodes on three servers with Kubernetes, which may not all be stopped at once", () => {
    const objects = parseAllDocuments(read("kubernetes.yaml")).map((document) => {
      assert.deepEqual(document.errors, []);
      return document.toJS() as Manifest;
    });
    const find = (kind: string, name: string): Manifest => {
      const found = objects.find((one) => one.kind === kind && one.metadata.name === name);
      assert.ok(found, `${kind} ${name}`);
      return found;
    };
    assert.equal(find("StatefulSet", "nats").spec.replicas, 3);
    for (const name of ["nats", "tutti-hub"]) find("PodDisruptionBudget", name);
    find("NetworkPolicy", "nats");
    const [container] = find("Deployment", "tutti-hub").spec.template?.spec.containers ?? [];
    assert.deepEqual(
      flagsOf(container?.args ?? []).filter((flag) => !flags.has(flag)),
      [],
    );
    const replicas = container?.args.at((container?.args.indexOf("--nats-replicas") ?? 0) + 1);
    assert.equal(replicas, "3");
  });

  it("let NATS write each message to disk before it acknowledges it", () => {
    assert.match(read("nats.conf"), /^\s*sync_interval: always$/m);
  });
});

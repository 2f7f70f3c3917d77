// The packages in the built program, read from the bundles' metafiles: a CycloneDX SBOM, and the text of their licenses.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Wraps `build` to record the folders of all packages in a bundle, as the lock file names them. */
export function recordPackages(build, folders) {
  return async (options) => {
    const result = await build({ ...options, metafile: true });
    for (const { inputs } of Object.values(result.metafile.outputs))
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
    return result;
  };
}

/** Contains no date or serial number: the same bundles give the same SBOM. */
export function createSbom(folders, { root, lock }) {
  const packages = readPackages(folders, lock);
  const refs = new Map(packages.map(({ folder, ref }) => [folder, ref]));
  const ref = `${root.name}@${root.version}`;
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: {
      component: {
        "bom-ref": ref,
        type: "application",
        ...{ name: root.name, version: root.version, description: root.description },
        licenses: toCycloneDxLicenses(root.license),
      },
    },
    components: packages.map(({ name, version, license, integrity, ref }) => ({
      "bom-ref": ref,
      type: "library",
      ...{ name, version, scope: "required" },
      hashes: [{ alg: "SHA-512", content: base64ToHex(integrity) }],
      licenses: toCycloneDxLicenses(license),
      purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    })),
    dependencies: [
      { ref, dependsOn: Object.keys(root.devDependencies).flatMap((name) => refs.get(`node_modules/${name}`) ?? []) },
      ...packages.map(({ folder, ref, dependencies }) => ({
        ref,
        dependsOn: Object.keys(dependencies).flatMap((name) => refs.get(resolvePackage(lock, folder, name)) ?? []),
      })),
    ],
  };
}

/** The license and notice texts that must be distributed with these packages. */
export function formatLicenses(folders, { lock }) {
  const texts = readPackages(folders, lock).map(({ folder, ref, license }) => {
    const files = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
    const contents = files.toSorted().map((name) => readFileSync(join(folder, name), "utf8").trim());
    return [`${ref} (${license})`, ...contents].join("\n\n");
  });
  return `The built program contains these packages.\n\n${texts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

function readPackages(folders, lock) {
  return [...folders].toSorted().map((folder) => {
    const name = folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
    const { version, license, integrity, dependencies = {} } = lock.packages[folder];
    if (license === undefined) throw new Error(`The lock file has no license for ${folder}.`);
    return { folder, name, version, license, integrity, dependencies, ref: `${name}@${version}` };
  });
}

/** The folder that `name` resolves to for a package: in its own node_modules, or in a parent's. */
function resolvePackage(lock, folder, name) {
  for (let at = folder; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const here = `${at}/node_modules/${name}`;
    if (here in lock.packages) return here;
  }
  return `node_modules/${name}`;
}

const toCycloneDxLicenses = (license) =>
  / (AND|OR|WITH) /.test(license) ? [{ expression: license }] : [{ license: { id: license } }];
const base64ToHex = (integrity) => Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex");

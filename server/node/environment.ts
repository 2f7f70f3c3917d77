/** The environment of commands: what a build needs, without credentials. */

import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { isSecretName } from "../config/secret-names.ts";
import { cleanSearchPath } from "../workspace/programs.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that are passed unchanged. */
const passedNames = new Set(
  `PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR TMP TEMP PWD
  XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_RUNTIME_DIR
  CI NODE_ENV NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NVM_DIR NVM_BIN FNM_DIR VOLTA_HOME ASDF_DIR ASDF_DATA_DIR MISE_DATA_DIR
  PNPM_HOME COREPACK_HOME BUN_INSTALL DENO_DIR npm_config_cache npm_config_prefix npm_config_registry
  JAVA_HOME JDK_HOME MAVEN_HOME M2_HOME GRADLE_HOME GRADLE_USER_HOME KOTLIN_HOME ANDROID_HOME ANDROID_SDK_ROOT SDKMAN_DIR
  GOPATH GOROOT GOBIN GOCACHE GOMODCACHE GOPROXY GOFLAGS GOTOOLCHAIN CARGO_HOME RUSTUP_HOME RUSTFLAGS CARGO_TARGET_DIR
  VIRTUAL_ENV CONDA_PREFIX CONDA_DEFAULT_ENV PYENV_ROOT PYTHONPATH PYTHONHOME POETRY_HOME UV_CACHE_DIR PIP_INDEX_URL PIP_CACHE_DIR
  RBENV_ROOT GEM_HOME GEM_PATH BUNDLE_PATH DOTNET_ROOT NUGET_PACKAGES COMPOSER_HOME
  CC CXX CFLAGS CXXFLAGS LDFLAGS CPATH LIBRARY_PATH LD_LIBRARY_PATH PKG_CONFIG_PATH CMAKE_PREFIX_PATH MAKEFLAGS
  HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy no_proxy all_proxy SSL_CERT_FILE SSL_CERT_DIR
  DISPLAY WAYLAND_DISPLAY DOCKER_HOST
  TUTTI_CONFIG TUTTI_DATA_DIR TUTTI_MODEL TUTTI_BASE_URL TUTTI_CLAUDE_DEPTH
  SystemRoot SYSTEMROOT windir COMSPEC ComSpec PATHEXT APPDATA LOCALAPPDATA USERPROFILE ProgramFiles ProgramData HOMEDRIVE HOMEPATH Path`.split(
    /\s+/,
  ),
);
const passedPrefix = /^LC_/;

/** The shape of a key in such a variable: no path, no spaces, letters and digits. Ordinary words must not match. */
const keyShape = /^(?![~./]|[A-Za-z]:[\\/]|[a-z]+:\/\/)(?=.*[a-z])(?=.*\d)\S{16,}$/i;
/** Passwords are shorter. */
const passwordName = /PASSW|SECRET|_TOKEN$|API_?KEY/i;
const passwordShape = /^(?![~./]|[A-Za-z]:[\\/]|[a-z]+:\/\/)(?=.*[a-z])(?=.*\d)\S{4,}$/i;

/** The values in an environment that are keys by name and shape. They are redacted in all output. */
export function findSecretValues(env: Environment): string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (value === undefined || !isSecretName(name)) return [];
    return keyShape.test(value) || (passwordName.test(name) && passwordShape.test(value)) ? [value] : [];
  });
}

/** A URL with a user name or password, for example of a proxy or a package index. */
const loginInUrl = /^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*@/i;

/** No terminal, no prompts, no pager, no colors. */
const nonInteractive: Record<string, string> = {
  TERM: "dumb",
  NO_COLOR: "1",
  PAGER: "cat",
  GIT_PAGER: "cat",
  MANPAGER: "cat",
  EDITOR: "true",
  VISUAL: "true",
  GIT_EDITOR: "true",
  GIT_SEQUENCE_EDITOR: "true",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GCM_INTERACTIVE: "never",
  DEBIAN_FRONTEND: "noninteractive",
  PIP_NO_INPUT: "1",
  PYTHONUNBUFFERED: "1",
};

/** Programs that commands find before others of the same name. They are in dist/, next to the bundle. */
const SHIMS = fileURLToPath(new URL("shims", import.meta.url));

export function buildCommandEnvironment(env: Environment): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    const passes = (passedNames.has(name) || passedPrefix.test(name)) && !isSecretName(name) && !loginInUrl.test(value);
    if (passes) clean[name] = value;
  }
  return { ...clean, PATH: `${SHIMS}${delimiter}${cleanSearchPath(env.PATH)}`, ...nonInteractive };
}

/** The environment that commands see: what a build needs, and nothing that opens a door elsewhere. */

/** Names that pass as they are. */
const passing = new Set(
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
  SystemRoot SYSTEMROOT windir COMSPEC ComSpec PATHEXT APPDATA LOCALAPPDATA USERPROFILE ProgramFiles ProgramData HOMEDRIVE HOMEPATH Path`.split(
    /\s+/,
  ),
);
const passingPrefix = /^LC_/;

/** Never passed unless a person listed the very name, whatever else says that it may. */
const guarded = /KEY|SECRET|TOKEN|PASSW|CREDENTIAL|^AWS_|^SSH_AUTH_SOCK$/i;

/** What keys look like under such a name: long, in one piece, letters and digits. Ordinary words must not be taken for one. */
const keyLike = /^(?=.*[a-z])(?=.*\d)[^\s/\\]{16,}$/i;

/** The values of an environment that are keys by name and by look: they are taken out of whatever is written. */
export function secretValues(from: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(from).flatMap(([name, value]) =>
    value !== undefined && guarded.test(name) && keyLike.test(value) ? [value] : [],
  );
}

/** User names and passwords inside an address, as in a proxy or a package index. */
const loginInUrl = /^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*@/i;

/** No terminal, no questions, no pager, no colours. */
const quiet: Record<string, string> = {
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

/** `listed`: names that a person lets through although they look like secrets. */
export function cleanEnvironment(
  from: Record<string, string | undefined>,
  listed: readonly string[] = [],
): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined) continue;
    const asked = listed.includes(name);
    const passes = (passing.has(name) || passingPrefix.test(name)) && !guarded.test(name) && !loginInUrl.test(value);
    if (asked || passes) clean[name] = value;
  }
  return { ...clean, ...quiet };
}
